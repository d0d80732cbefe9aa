/** @file The device settings of a run, after its lowering has been held to float64 on this machine. */

import { type AskedDevice, chooseLowering } from '../runtime/choose-lowering.ts';
import type { DeviceSettings } from '../runtime/device.ts';
import type { ResolvedLowering } from '../runtime/lowering-choice.ts';
import { nodeDevice } from '../runtime/node/node-device.ts';
import { faultText, type SelfCheck } from '../runtime/self-check.ts';

/** What a run computes with, and how far that was from float64 on this machine. */
export interface TrustedDevice {
  readonly device: DeviceSettings & ResolvedLowering;
  readonly check: SelfCheck;
}

/**
 * The lowering asked for, or for `auto` the fastest that computes right here. Where plain ONNX is fallen back on, a word
 * on standard error says so.
 * @throws {NumericError} where plain ONNX is wrong as well.
 */
export async function trustedDevice(asked: AskedDevice & { readonly threads: number }): Promise<TrustedDevice> {
  const { check, failed } = await chooseLowering(asked, nodeDevice);
  const { lowering, convolution } = check;
  if (lowering === 'reference' && failed.length > 0) {
    const errors = failed.map(faultText);
    process.stderr.write(
      `Lowering ${errors.join(', ')} on this machine; going on with the slower reference instead.\n`,
    );
  }
  return { device: { threads: asked.threads, lowering, convolution }, check };
}

/** `largest error 4.0e-6`, of the largest number in its tensor. */
export function errorText({ error }: SelfCheck): string {
  return `largest error ${error.toExponential(1)}`;
}
