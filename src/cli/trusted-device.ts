/** @file The device settings of a run, after the lowering has been held against plain ONNX on this machine. */

import type { DeviceSettings } from '../runtime/device.ts';
import { loweringName } from '../runtime/lowering-choice.ts';
import { checkLowering } from '../runtime/self-check.ts';
import type { DeviceOptions } from './options.ts';

/** Falls back to plain ONNX, with a word on standard error, where the lowering asked for computes wrong numbers here. */
export async function trustedDevice({ threads, lowering }: DeviceOptions): Promise<DeviceSettings> {
  const name = loweringName(lowering);
  if (name === 'reference') return { threads, lowering: name };
  const { passed, error } = await checkLowering(name);
  if (passed) return { threads, lowering: name };
  process.stderr.write(
    `Lowering ${name} is off by ${error} on this machine; going on with the slower reference instead.\n`,
  );
  return { threads, lowering: 'reference' };
}
