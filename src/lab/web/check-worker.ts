/** @file The worker of a report's page that computes one twin again: engine and study in one thread, which ends with its answer. */

import type { Dataset } from '../../data/dataset.ts';
import { DataError } from '../../errors.ts';
import { webInThreadDevice } from '../../runtime/web/in-thread.ts';
import { checkTwin, type FromCheck } from '../twin/check.ts';
import { chosenDataset } from '../twin/chosen-dataset.ts';
import type { Twin } from '../twin/twin.ts';
import { assertWebAssembly } from './web-assembly.ts';

/** What a page tells the worker that checks: once, and the worker ends with its answer. */
export interface ToCheck {
  /** ONNX Runtime's WebAssembly. */
  readonly engine: Uint8Array;
  readonly twin: Twin;
  /** Those that the twin's data set is made of, in their order. */
  readonly files: readonly File[];
}

/** Of the scope of a worker, which the types of a page do not have. */
declare function postMessage(message: FromCheck): void;

addEventListener('message', ({ data: { engine, twin, files } }: MessageEvent<ToCheck>) => {
  try {
    assertWebAssembly('compute');
  } catch (error) {
    postMessage({ kind: 'failed', message: (error as Error).message });
    return;
  }
  const open = (settings: Parameters<typeof webInThreadDevice>[0]) =>
    webInThreadDevice({ ...settings, runtime: 'wasm' }, engine);
  const dataset = async (): Promise<Dataset | undefined> =>
    twin.data && chosenDataset(twin.data, await Promise.all(files.map(plainBytes)));
  void checkTwin(twin, open, dataset, (message) => postMessage(message));
});

/** A file's bytes, uncompressed. @throws {DataError} */
async function plainBytes(file: File): Promise<Uint8Array> {
  const stream = file.stream();
  const plain = file.name.endsWith('.gz') ? stream.pipeThrough(new DecompressionStream('gzip')) : stream;
  try {
    return new Uint8Array(await new Response(plain).arrayBuffer());
  } catch (error) {
    throw new DataError(
      `Cannot read ${file.name}: it must be a whole file, got one that is damaged or is gone; choose it again`,
      { cause: error },
    );
  }
}
