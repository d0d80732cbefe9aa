/** @file Runs a foreign model in this thread, which it may take down: for a process of its own, and for tests of files that are known. */

import './telemetry.ts';
import * as ort from 'onnxruntime-node';
import { DataError } from '../../errors.ts';
import { sessionOptions } from '../ort.ts';
import type { ForeignRequest, ForeignResult, ForeignRun, ForeignType } from '../foreign.ts';

/** @throws {DataError} with ONNX Runtime's words, where it refuses the model or fails on it */
export async function runForeignHere(request: ForeignRequest): Promise<readonly ForeignResult[]> {
  try {
    return await runAll(request);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new DataError(`ONNX Runtime must accept the model, but says: ${words}`, { cause: error });
  }
}

async function runAll({ model, runs }: ForeignRequest): Promise<readonly ForeignResult[]> {
  const session = await ort.InferenceSession.create(model, sessionOptions(1));
  const results: ForeignResult[] = [];
  for (const run of runs) results.push(await runOnce(session, run));
  await session.release();
  return results;
}

async function runOnce(session: ort.InferenceSession, { feeds, fetch }: ForeignRun): Promise<ForeignResult> {
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
