/** @file A device in this very thread of a browser, for a worker of one's own: graphs are built and run beside each other. */

import * as web from 'onnxruntime-web/wasm';
import { inThreadDevice } from '../channel-device.ts';
import type { Device, DeviceSettings } from '../device.ts';
import { wasmOrt } from '../wasm-ort.ts';

/**
 * @param engine - ONNX Runtime's WebAssembly, for pages that fetch it themselves
 */
export function webInThreadDevice(settings: DeviceSettings, engine: Uint8Array): Device {
  web.env.wasm.wasmBinary = engine;
  return inThreadDevice(settings, async () => wasmOrt(web));
}
