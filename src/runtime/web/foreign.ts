/** @file Runs a model that normscope did not make, in the worker of a page: what it may take down is that worker. */

import * as web from 'onnxruntime-web/wasm';
import { DataError } from '../../errors.ts';
import type { ForeignRequest, ForeignResult, ForeignRun, ForeignType } from '../foreign.ts';
import { sessionOptions } from '../ort.ts';

/** @throws {DataError} with ONNX Runtime's words, where it refuses the model or fails on it */
export async function runForeignInWorker({ model, runs }: ForeignRequest): Promise<readonly ForeignResult[]> {
  web.env.wasm.numThreads = 1;
  try {
    const session = await web.InferenceSession.create(model, sessionOptions(1));
    const results: ForeignResult[] = [];
    for (const run of runs) results.push(await runOnce(session, run));
    await session.release();
    return results;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new DataError(`ONNX Runtime must accept the model, but says: ${words}`, { cause: error });
  }
}

async function runOnce(session: web.InferenceSession, { feeds, fetch }: ForeignRun): Promise<ForeignResult> {
  const fed = Object.entries(feeds).map(([name, { type, data, shape }]) => {
    return [name, new web.Tensor(type, data as Float32Array, [...shape])] as const;
  });
  const wanted = new Set(fetch);
  const made = await session.run(Object.fromEntries(fed));
  return Object.fromEntries(
    Object.entries(made).map(([name, { type, dims, data }]) => {
      const what = { type: type as ForeignType, shape: [...dims] };
      return [name, wanted.has(name) ? { ...what, data: data as Float32Array } : what];
    }),
  );
}
