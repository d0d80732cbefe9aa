/** @file The process in which a foreign model runs: it answers one request, and may die of it. */

import './telemetry.ts';
import * as ort from 'onnxruntime-node';
import { sessionOptions } from '../ort.ts';
import type { ForeignRequest, ForeignResult, ForeignRun, ForeignType } from '../foreign.ts';
import type { ForeignAnswer } from './run-foreign.ts';

async function runAll({ model, runs }: ForeignRequest): Promise<readonly ForeignResult[]> {
  const session = await ort.InferenceSession.create(model, sessionOptions(1));
  const results: ForeignResult[] = [];
  for (const run of runs) results.push(await runOnce(session, run));
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

process.once('message', (request: ForeignRequest) => {
  const say = (answer: ForeignAnswer): void => void process.send?.(answer, () => process.disconnect());
  runAll(request).then(
    (results) => say({ results }),
    (error: unknown) => say({ refused: error instanceof Error ? error.message : String(error) }),
  );
});
