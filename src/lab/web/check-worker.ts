/** @file The worker of a report's page that computes one twin again: engine and study in one thread, which ends with its answer. */

import { webInThreadDevice } from '../../runtime/web/in-thread.ts';
import { checkTwin, type FromCheck, type ToCheck } from '../twin/check.ts';
import { assertWebAssembly } from './web-assembly.ts';

/** Of the scope of a worker, which the types of a page do not have. */
declare function postMessage(message: FromCheck): void;

addEventListener('message', ({ data: { engine, twin } }: MessageEvent<ToCheck>) => {
  try {
    assertWebAssembly('compute');
  } catch (error) {
    postMessage({ kind: 'failed', message: (error as Error).message });
    return;
  }
  const open = (settings: Parameters<typeof webInThreadDevice>[0]) =>
    webInThreadDevice({ ...settings, runtime: 'wasm' }, engine);
  void checkTwin(twin, open, (message) => postMessage(message));
});
