/** @file A device in this very thread of a browser, on a GPU; with its own, larger build of ONNX Runtime. */

import * as web from 'onnxruntime-web/jspi';
import { inThreadDevice } from '../channel-device.ts';
import type { Device, DeviceSettings } from '../device.ts';
import { checkLowering, type SelfCheck } from '../self-check.ts';
import { openGpu } from './gpu.ts';
import { gpuOrt } from './gpu-ort.ts';
import { webInThreadDevice } from './in-thread.ts';

const settings: DeviceSettings = { lowering: 'webgpu', threads: 1, runtime: 'webgpu' };

/** A GPU to compute on, held to float64. */
export interface GpuDevice {
  readonly device: Device;
  /** What the browser calls the GPU. */
  readonly title: string;
  readonly check: SelfCheck;
  /** Programs that were loaded so far and need the processor for some of their nodes. */
  readonly left: () => number;
}

/**
 * @param engine - ONNX Runtime's WebAssembly with the WebGPU provider, for pages that fetch it themselves
 * @param yardstick - the one for the processor: the other has few kernels in float64
 * @param onLost - told the browser's words when the GPU is gone, which may be before this has ended
 * @throws {SettingError} where there is no GPU to be had
 */
export async function gpuInThreadDevice(
  engine: Uint8Array,
  yardstick: Uint8Array,
  onLost: (words: string) => void,
): Promise<GpuDevice> {
  const { gpu, title } = await openGpu();
  void gpu.lost.then(({ message, reason }) => onLost(message === '' ? reason : message));
  web.env.wasm.wasmBinary = engine;
  web.env.wasm.numThreads = 1;
  let left = 0;
  const ort = gpuOrt(web, gpu, () => (left += 1));
  const open = (asked: DeviceSettings): Device =>
    asked.lowering === 'webgpu' ? inThreadDevice(asked, async () => ort) : webInThreadDevice(asked, yardstick);
  const check = await checkLowering(settings, open);
  left = 0;
  return {
    device: open(settings),
    title,
    check,
    left: () => left,
  };
}
