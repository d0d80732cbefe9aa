/** @file The device settings of a run, after its lowering has been held to float64 on this machine. */

import { NumericError } from '../errors.ts';
import type { DeviceSettings } from '../runtime/device.ts';
import { loweringText, plainLowering, type ResolvedLowering } from '../runtime/lowering-choice.ts';
import { checkLowering, type SelfCheck } from '../runtime/self-check.ts';

/** What a run computes with, and how far that was from float64 on this machine. */
export interface TrustedDevice {
  readonly device: DeviceSettings & ResolvedLowering;
  readonly check: SelfCheck;
}

/**
 * Falls back to plain ONNX, with a word on standard error, where the lowering asked for computes wrong numbers here.
 * @throws {NumericError} where plain ONNX does as well.
 */
export async function trustedDevice(asked: DeviceSettings & ResolvedLowering): Promise<TrustedDevice> {
  const check = await checkLowering(asked);
  if (check.passed) return { device: asked, check };
  const plain = await checkLowering(plainLowering);
  if (!plain.passed) {
    throw new NumericError(
      `Plain ONNX must compute what float64 does on this machine, got ${errorText(plain)}; see normscope doctor`,
    );
  }
  process.stderr.write(
    `Lowering ${loweringText(asked)} is off by ${check.error} on this machine; going on with the slower reference instead.\n`,
  );
  return { device: { ...asked, ...plainLowering }, check: plain };
}

/** `largest error 4.0e-6`, of the largest number in its tensor. */
export function errorText({ error }: SelfCheck): string {
  return `largest error ${error.toExponential(1)}`;
}
