/** @file Opens a device of a browser: an engine in a web worker, on ONNX Runtime in WebAssembly. */

import { type AskedDevice, type CheckedDevice, openChecked } from '../choose-lowering.ts';
import { channelDevice } from '../channel-device.ts';
import type { Device, DeviceSettings } from '../device.ts';
import type { AnswerMessage, WorkerData } from '../messages.ts';

/** Starts a web worker with an engine; its lowering is taken as it is, unchecked. */
export function webDevice(settings: DeviceSettings): Device {
  // A bundler finds the worker by this very expression.
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.postMessage({ threads: settings.threads, runtime: 'wasm' } satisfies WorkerData);
  return channelDevice(settings, {
    post: (message) => worker.postMessage(message),
    listen: (onAnswer, onEnd) => {
      worker.addEventListener<AnswerMessage>('message', ({ data }) => onAnswer(data));
      worker.addEventListener('error', ({ message }) => onEnd(new Error(`The engine's worker failed: ${message}`)));
      worker.addEventListener('messageerror', () => onEnd(new Error("The engine's worker sent what cannot be read")));
    },
    end: async () => worker.terminate(),
  });
}

/**
 * A device in a web worker, with the fastest lowering that computes right here unless one is named; `chosen` says how
 * far it was from float64.
 * @throws {NumericError} where no lowering is right.
 */
export function openDevice(asked: AskedDevice = {}): Promise<CheckedDevice> {
  return openChecked(asked, webDevice);
}
