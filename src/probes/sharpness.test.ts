import { describe, expect, it } from 'vitest';
import { tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { parametersOf } from '../graph/graph.ts';
import { symmetricEigenvalues } from '../math/symmetric-eigenvalues.ts';
import type { NormName } from '../norms/index.ts';
import type { Problem } from '../problems/problem.ts';
import type { StepRecord } from '../records/record.ts';
import type { Tensors } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { allFed, openProgram } from '../testing/evaluate.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import { openSession } from '../train/session.ts';
import { probe } from './index.ts';

const { batchSize, seed, optimiser } = tinySettings;
const STEPS = 6;
const ITERATIONS = 60;

type Weights = ReadonlyMap<string, Float64Array>;

/** A small network after some steps, and what the probe measures at the next. */
async function measured(
  problem: Problem,
): Promise<{ records: readonly StepRecord[]; weights: Weights; feeds: Tensors }> {
  const device = threadlessDevice({ lowering: 'reference', threads: 1 });
  try {
    const readouts = [probe('sharpness', { every: STEPS, iterations: ITERATIONS })];
    const session = await openSession(device, problem, { batchSize, seed, optimiser, learningRate: 0.3, readouts });
    const feeds = imageFeeds(tinyData, tinySettings, 'float64');
    while (session.step < STEPS) await session.take(feeds(session.step));
    const names = parametersOf(session.graph).map(({ name }) => name);
    const stored = await session.read(names);
    const weights = new Map(names.map((name) => [name, Float64Array.from(stored.get(name)?.data as Float64Array)]));
    const step = await session.take(feeds(STEPS));
    return { records: step.records, weights, feeds: step.feeds };
  } finally {
    await device.close();
  }
}

/** All eigenvalues, ascending: the Hessian in full by central differences of gradients, of a graph in training mode. */
async function eigenvalues(problem: Problem, weights: Weights, feeds: Tensors): Promise<Float64Array> {
  const { g, loss } = problem.build({ mode: 'train', batchSize });
  const parameters = parametersOf(g);
  const slopes = grad(g, loss, parameters);
  const named = parameters.map(({ name }, i) => [name, need(slopes[i], 'a gradient')] as const);
  const program = await openProgram(allFed(g.finish('slopes', Object.fromEntries(named))));
  const gradientAt = async (point: Weights): Promise<number[]> => {
    const outputs = await program.run({ ...feeds, ...Object.fromEntries(point) });
    return parameters.flatMap(({ name }) => Array.from(outputs[name] as Float64Array));
  };
  const h = 1e-5;
  const rows: number[][] = [];
  for (const [name, at] of weights) {
    for (const i of at.keys()) {
      const moved = (by: number): Weights =>
        new Map(weights).set(
          name,
          at.map((w, j) => (j === i ? w + by : w)),
        );
      const [up, down] = [await gradientAt(moved(h)), await gradientAt(moved(-h))];
      rows.push(up.map((value, j) => (value - (down[j] ?? Number.NaN)) / (2 * h)));
    }
  }
  await program.close();
  return symmetricEigenvalues(Float64Array.from(rows.flat()), rows.length);
}

describe.each<NormName>(['batch', 'none', 'layer'])('sharpness of an MLP with norm %s', (norm) => {
  it('is the largest eigenvalue of the whole Hessian at the weights before the step, on its batch', async () => {
    const problem = tinyProblem({ norm, activation: 'tanh', width: 0.04, float: 'float64' });
    const { records, weights, feeds } = await measured(problem);
    const expected = (await eigenvalues(problem, weights, feeds)).at(-1) ?? Number.NaN;
    const at = (quantity: string): number =>
      records.find((record) => record.step === STEPS && record.quantity === quantity)?.value ?? Number.NaN;
    // Differences are right to 1e-9 of the largest entry, Lanczos to the square of its residual.
    expect(Math.abs(at('sharpness') / expected - 1)).toBeLessThan(1e-6);
    expect(at('sharpness-residual')).toBeLessThan(1e-3 * expected);
    expect(Math.abs(at('sharpness') - expected)).toBeLessThanOrEqual(at('sharpness-residual') + 1e-6 * expected);
  });
});
