/** @file Runs a foreign model in this thread, which it may take down, by whichever package of ONNX Runtime the platform has. */

import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { DataError } from '../errors.ts';
import type { ForeignRequest, ForeignResult, ForeignRun, ForeignType } from './foreign.ts';
import { sessionOptions } from './ort.ts';

/** The package, as far as it is used. */
interface Package {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: typeof Tensor;
}

/** @throws {DataError} with ONNX Runtime's words, where it refuses the model or fails on it */
export async function runForeignOn(ort: Package, { model, runs }: ForeignRequest): Promise<readonly ForeignResult[]> {
  try {
    const session = await ort.InferenceSession.create(model, sessionOptions(1));
    const results: ForeignResult[] = [];
    for (const run of runs) results.push(await runOnce(ort, session, run));
    await session.release();
    return results;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new DataError(`ONNX Runtime must accept the model, but says: ${words}`, { cause: error });
  }
}

async function runOnce(ort: Package, session: InferenceSession, { feeds, fetch }: ForeignRun): Promise<ForeignResult> {
  const fed = Object.entries(feeds).map(([name, { type, data, shape }]) => {
    return [name, new ort.Tensor(type, data as Float32Array, [...shape])] as const;
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
