/** @file The GPU of this machine, as `normscope doctor --device webgpu` sees it: whether there is one, and whether it computes right. */

import { GraphBuilder } from '../graph/builder.ts';
import { ops } from '../ops/index.ts';
import type { Device, DeviceSettings } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { checkLowering, type SelfCheck } from '../runtime/self-check.ts';

/**
 * Holds the lowering for GPUs, on the GPU, to plain ONNX in float64 on the processor.
 * @throws {SettingError} where ONNX Runtime has no WebGPU here, or finds no GPU
 */
export async function checkGpu(): Promise<SelfCheck> {
  await requireGpu();
  return checkLowering({ lowering: 'webgpu' }, onGpu);
}

/** The yardstick stays on the processor: no GPU has float64. In this thread: ending another that holds a GPU ends the process. */
function onGpu(settings: DeviceSettings): Device {
  return threadlessDevice(settings.lowering === 'webgpu' ? { ...settings, runtime: 'webgpu' } : settings);
}

/** A check takes what does not run for wrong: whether anything runs is asked before, for the reason. */
async function requireGpu(): Promise<void> {
  const g = new GraphBuilder(ops);
  const x = g.input('x', [3], { kind: 'data' });
  const device = onGpu({ lowering: 'webgpu', threads: 1 });
  try {
    await device.load(g.finish('doubling', { y: g.emit('Add', [x, x]) }));
  } finally {
    await device.close();
  }
}
