/** @file A device of Node: an engine in a worker thread, so that the event loop stays free while the network trains. */

import './telemetry.ts';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { channelDevice, inThreadDevice } from '../channel-device.ts';
import type { Device, DeviceSettings } from '../device.ts';
import type { AnswerMessage, WorkerData } from '../messages.ts';
import { loadOrt } from './load-ort.ts';

/** Starts a thread with an engine; its lowering is taken as it is, unchecked. */
export function nodeDevice(settings: DeviceSettings): Device {
  const worker = startWorker({ threads: settings.threads, runtime: settings.runtime ?? 'native' });
  return channelDevice(settings, {
    post: (message) => worker.postMessage(message),
    listen: (onAnswer, onEnd) => {
      worker.on('message', (message: AnswerMessage) => onAnswer(message));
      worker.on('error', (error: Error) => onEnd(error));
      worker.on('exit', (code) => onEnd(new Error(`The engine's thread ended with code ${code}`)));
    },
    end: async () => void (await worker.terminate()),
  });
}

/** The same engine without a thread, ready at once: for many small graphs, and for those who measure the engine alone. */
export function threadlessDevice(settings: DeviceSettings): Device {
  return inThreadDevice(settings, () => loadOrt(settings.runtime ?? 'native'));
}

/** From the build the worker is plain JavaScript; from the sources (tests) it is TypeScript, which tsx loads. */
function startWorker(workerData: WorkerData): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  // Resolving finds tsx's CommonJS twin, whose register fails in a worker.
  const tsx = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const entry = new URL('./worker.ts', import.meta.url).href;
  const api = JSON.stringify(pathToFileURL(tsx).href);
  const source = `import(${api}).then((tsx) => tsx.register()).then(() => import(${JSON.stringify(entry)}))`;
  return new Worker(source, { eval: true, workerData });
}
