/** @file The device settings of a run, after its lowering has been held to float64 on this machine. */

import { NumericError } from '../errors.ts';
import type { DeviceSettings } from '../runtime/device.ts';
import {
  type AskedLowering,
  type ConvolutionName,
  loweringNames,
  loweringText,
  plainLowering,
  type ResolvedLowering,
  resolveLowering,
} from '../runtime/lowering-choice.ts';
import { checkLowering, type SelfCheck } from '../runtime/self-check.ts';

/** What a run computes with, and how far that was from float64 on this machine. */
export interface TrustedDevice {
  readonly device: DeviceSettings & ResolvedLowering;
  readonly check: SelfCheck;
}

/** What was asked for; which lowering `auto` means is seen on the machine. */
export interface AskedDevice {
  readonly threads: number;
  readonly lowering: AskedLowering;
  readonly convolution?: ConvolutionName;
}

/**
 * The lowering asked for, or for `auto` the fastest that computes right here. Falls back to plain ONNX, with a word on
 * standard error.
 * @throws {NumericError} where plain ONNX is wrong as well.
 */
export async function trustedDevice({ threads, lowering, convolution }: AskedDevice): Promise<TrustedDevice> {
  const form = convolution !== undefined && { convolution };
  const names = lowering === 'auto' ? loweringNames.filter((name) => name !== plainLowering.lowering) : [lowering];
  const failed: SelfCheck[] = [];
  for (const name of names) {
    const check = await checkLowering(resolveLowering({ lowering: name, ...form }));
    if (check.passed) return deviceOf(threads, check);
    failed.push(check);
  }
  const plain = await checkLowering(plainLowering);
  if (!plain.passed) {
    throw new NumericError(
      `Plain ONNX must compute what float64 does on this machine, got ${errorText(plain)}; see normscope doctor`,
    );
  }
  const errors = failed.map((check) => `${loweringText(check)} is off by ${check.error}`);
  process.stderr.write(`Lowering ${errors.join(', ')} on this machine; going on with the slower reference instead.\n`);
  return deviceOf(threads, plain);
}

function deviceOf(threads: number, check: SelfCheck): TrustedDevice {
  const { lowering, convolution } = check;
  return { device: { threads, lowering, convolution }, check };
}

/** `largest error 4.0e-6`, of the largest number in its tensor. */
export function errorText({ error }: SelfCheck): string {
  return `largest error ${error.toExponential(1)}`;
}
