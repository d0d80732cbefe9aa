/** @file A small network in training, what probes measure of it at one step, and its whole Hessian there by differences. */

import { grad } from '../src/autodiff/reverse.ts';
import { need } from '../src/errors.ts';
import { parametersOf } from '../src/graph/graph.ts';
import type { Problem } from '../src/problems/problem.ts';
import type { StepRecord } from '../src/records/record.ts';
import type { Tensors } from '../src/runtime/device.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { allFed, openProgram } from '../src/testing/evaluate.ts';
import { imageFeeds } from '../src/train/image-feeds.ts';
import type { Readout } from '../src/train/readout.ts';
import { openSession } from '../src/train/session.ts';
import { tinyData, tinySettings } from './tiny-training.ts';

const { batchSize, seed, optimiser } = tinySettings;

/** All that is stored, by name. */
export type Stored = ReadonlyMap<string, Float64Array>;

export interface Measured {
  /** Of the step. */
  readonly records: readonly StepRecord[];
  /** Before it: parameters, and the state of norms. */
  readonly stored: Stored;
  readonly feeds: Tensors;
}

/**
 * Takes `steps` steps of a float64 problem on the tiny data, and one more, of which the readouts are recorded; those that ask for
 * a further batch are given that of the step.
 */
export async function measuredAt(problem: Problem, steps: number, readouts: readonly Readout[]): Promise<Measured> {
  const device = threadlessDevice({ lowering: 'reference', threads: 1 });
  try {
    const feeds = imageFeeds(tinyData, tinySettings, 'float64');
    const settings = { batchSize, seed, optimiser, learningRate: 0.3, readouts, batches: () => feeds };
    const session = await openSession(device, problem, settings);
    while (session.step < steps) await session.take(feeds(session.step));
    const read = await session.read();
    const stored = new Map([...read].map(([name, { data }]) => [name, Float64Array.from(data as Float64Array)]));
    const step = await session.take(feeds(steps));
    return { records: step.records, stored, feeds: step.feeds };
  } finally {
    await device.close();
  }
}

export interface WholeHessian {
  readonly gradient: readonly number[];
  readonly rows: readonly (readonly number[])[];
  /** Coordinates by parameter. */
  readonly places: ReadonlyMap<string, readonly [number, number]>;
}

/** Row by row, by central differences of the gradient of a graph in the mode. */
export async function wholeHessian(
  problem: Problem,
  { stored, feeds }: Measured,
  mode: 'train' | 'eval',
): Promise<WholeHessian> {
  const { g, loss } = problem.build({ mode, batchSize });
  const parameters = parametersOf(g);
  const slopes = grad(g, loss, parameters);
  const named = parameters.map(({ name }, i) => [name, need(slopes[i], 'a gradient')] as const);
  const program = await openProgram(allFed(g.finish('slopes', Object.fromEntries(named))));
  const gradientAt = async (point: Stored): Promise<number[]> => {
    const outputs = await program.run({ ...feeds, ...Object.fromEntries(point) });
    return parameters.flatMap(({ name }) => Array.from(outputs[name] as Float64Array));
  };
  const h = 1e-5;
  const rows: number[][] = [];
  const places = new Map<string, readonly [number, number]>();
  for (const { name } of parameters) {
    const at = need(stored.get(name), name);
    places.set(name, [rows.length, rows.length + at.length]);
    for (const i of at.keys()) {
      const moved = (by: number): Stored =>
        new Map(stored).set(
          name,
          at.map((w, j) => (j === i ? w + by : w)),
        );
      const [up, down] = [await gradientAt(moved(h)), await gradientAt(moved(-h))];
      rows.push(up.map((value, j) => (value - (down[j] ?? Number.NaN)) / (2 * h)));
    }
  }
  const gradient = await gradientAt(stored);
  await program.close();
  return { gradient, rows, places };
}
