/** @file The device settings of a run, after the lowering has been held against plain ONNX on this machine. */

import type { DeviceSettings } from '../runtime/device.ts';
import { checkLowering } from '../runtime/self-check.ts';
import type { DeviceOptions } from './options.ts';

/** Falls back to plain ONNX, with a word on standard error, where the lowering asked for computes wrong numbers here. */
export async function trustedDevice({ threads, lowering }: DeviceOptions): Promise<DeviceSettings> {
  if (lowering === 'reference') return { threads, lowering };
  const { passed, error } = await checkLowering(lowering);
  if (passed) return { threads, lowering };
  process.stderr.write(
    `Lowering ${lowering} is off by ${error} on this machine; going on with the slower reference instead.\n`,
  );
  return { threads, lowering: 'reference' };
}
