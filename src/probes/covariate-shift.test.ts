import { describe, expect, it } from 'vitest';
import { MEASURED_STEP, measureStep, openWhole, slopesOf, smallProblem } from '../../test/measured-step.ts';
import { tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { grad } from '../autodiff/reverse.ts';
import { SettingError } from '../errors.ts';
import { parametersOf } from '../graph/graph.ts';
import type { NormName } from '../norms/index.ts';
import type { Problem } from '../problems/problem.ts';
import { deepLinear, regression } from '../problems/regression.ts';
import type { StepRecord } from '../records/record.ts';
import type { Tensors } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { allFed, openProgram } from '../testing/evaluate.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { openSession } from '../train/session.ts';
import { probe } from './index.ts';

type Weights = ReadonlyMap<string, Float64Array>;

interface Measured {
  readonly records: readonly StepRecord[];
  readonly before: Weights;
  readonly after: Weights;
  readonly feeds: Tensors;
}

/** The fourth step of a training, what the probe measures of it, and the weights on both sides. */
async function fourthStep(
  problem: Problem,
  batchSize: number,
  layers: readonly number[],
  feedsAt: (step: number) => Tensors,
  learningRate: number,
): Promise<Measured> {
  const device = threadlessDevice({ lowering: 'reference', threads: 1 });
  try {
    const readouts = [probe('covariate-shift', { every: 3, layers })];
    const settings = { batchSize, seed: 2, optimiser: sgd({}), learningRate, readouts, firstBatch: feedsAt(0) };
    const session = await openSession(device, problem, settings);
    const names = parametersOf(session.graph).map(({ name }) => name);
    const weights = async (): Promise<Weights> => {
      const stored = await session.read(names);
      return new Map(names.map((name) => [name, Float64Array.from(stored.get(name)?.data as Float64Array)]));
    };
    while (session.step < 3) await session.take(feedsAt(session.step));
    const before = await weights();
    const { records, feeds } = await session.take(feedsAt(3));
    return { records, before, after: await weights(), feeds };
  } finally {
    await device.close();
  }
}

function value({ records }: Measured, quantity: string, layer: string): number {
  const found = records.find((record) => record.quantity === quantity && record.layer === layer && record.step === 3);
  return found?.value ?? Number.NaN;
}

/** The gradient of one weight where every parameter is fed. */
async function slopeAt(
  problem: Problem,
  batchSize: number,
  of: string,
  feeds: Tensors,
  at: Weights,
): Promise<number[]> {
  const { g, loss } = problem.build({ mode: 'train', batchSize });
  const weight = parametersOf(g).filter(({ name }) => name === of);
  const [slope] = grad(g, loss, weight);
  const program = await openProgram(allFed(g.finish('slope', { slope: slope ?? loss })));
  const { slope: found } = await program.run({ ...feeds, ...Object.fromEntries(at) });
  await program.close();
  return Array.from(found as Float64Array);
}

const length = (a: readonly number[]): number => Math.hypot(...a);

describe.each<NormName>(['none', 'batch', 'layer', 'weight'])('covariate-shift of an MLP with norm %s', (norm) => {
  it('moves all that comes before the layer, gamma, beta and biases too, and nothing else', async () => {
    const { batchSize } = tinySettings;
    const problem = tinyProblem({ norm, activation: 'tanh', width: 0.05, float: 'float64' });
    const feeds = imageFeeds(tinyData, tinySettings, 'float64');
    const measured = await fourthStep(problem, batchSize, [2, 3], feeds, 0.5);
    for (const index of [2, 3]) {
      const layer = `dense${index}`;
      const own = `${layer}/weight`;
      const names = [...measured.before.keys()];
      // What is before it lies in layers of smaller number: by name, where the probe goes by the order of declaration.
      const isBefore = (name: string): boolean => /^dense(\d)/.test(name) && Number(name.charAt(5)) < index;
      const mixed = new Map(
        names.map((name) => [name, (isBefore(name) ? measured.after : measured.before).get(name) as Float64Array]),
      );
      const here = await slopeAt(problem, batchSize, own, measured.feeds, measured.before);
      const there = await slopeAt(problem, batchSize, own, measured.feeds, mixed);
      const change = length(here.map((x, i) => x - (there[i] ?? Number.NaN)));
      const product = here.reduce((sum, x, i) => sum + x * (there[i] ?? Number.NaN), 0);
      // float64: rounding of sums over some hundred products.
      expect(value(measured, 'covariate-shift', layer) / change).toBeCloseTo(1, 9);
      expect(value(measured, 'covariate-shift-relative', layer) * length(here)).toBeCloseTo(change, 9);
      const cosine = product / (length(here) * length(there));
      expect(value(measured, 'covariate-shift-cosine', layer)).toBeCloseTo(cosine, 9);
      expect(change).toBeGreaterThan(1e-6);
    }
  });
});

describe('covariate-shift', () => {
  it('is what the closed form says of a chain of numbers', async () => {
    const [x, y, rate] = [0.7, -1.3, 0.05];
    const chain = regression(deepLinear({ depth: 4, width: 1 }), {
      input: [1],
      outputs: 1,
      norm: 'none',
      float: 'float64',
    });
    const feeds = { x: Float64Array.of(x), y: Float64Array.of(y) };
    const measured = await fourthStep(chain, 1, [3], () => feeds, rate);
    const weight = (side: Weights, i: number): number => side.get(`linear${i}/weight`)?.[0] ?? Number.NaN;
    // L = ½ (y − w₁w₂w₃w₄ x)², so ∂L/∂w₃ = −(y − w₁w₂w₃w₄ x) w₁w₂w₄ x, with w₁ and w₂ before or after the step.
    const slope = (early: Weights): number => {
      const [a, b] = [weight(early, 1), weight(early, 2)];
      const [c, d] = [weight(measured.before, 3), weight(measured.before, 4)];
      return -(y - a * b * c * d * x) * a * b * d * x;
    };
    const [here, there] = [slope(measured.before), slope(measured.after)];
    expect(value(measured, 'covariate-shift', 'linear3') / Math.abs(here - there)).toBeCloseTo(1, 10);
    expect(value(measured, 'covariate-shift-cosine', 'linear3')).toBeCloseTo(Math.sign(here * there), 12);
  });

  it('refuses layers that are not there, or that have none before them', async () => {
    const problem = tinyProblem({ norm: 'batch', width: 0.05 });
    const device = threadlessDevice({ lowering: 'reference', threads: 1 });
    const open = (layers: readonly number[]) =>
      openSession(device, problem, {
        ...tinySettings,
        readouts: [probe('covariate-shift', { layers })],
      });
    await expect(open([4])).rejects.toThrow(
      new SettingError("Setting 'layers' of probe 'covariate-shift' must name hidden layers from 2 to 3, got 4"),
    );
    expect(() => probe('covariate-shift', { layers: [1] })).toThrow(/each of 2 or more/);
    await device.close();
  });
});

describe.each([
  ['batch', 'batch', 'fresh'],
  ['batch', 'running', 'same'],
  ['batch', 'running', 'fresh'],
  ['none', 'batch', 'fresh'],
] as const)('covariate-shift with norm %s', (norm, statistics, batch) => {
  it(`is read with ${statistics} statistics on the ${batch} batch`, async () => {
    const problem = smallProblem('mlp', norm);
    const step = await measureStep(
      problem,
      probe('covariate-shift', { every: MEASURED_STEP, layers: [3, 2], statistics, batch }),
    );
    const run = await openWhole(problem, statistics === 'running' ? 'eval' : 'frozen');
    const feeds = batch === 'same' ? step.feeds : step.batch(0);
    const prefix = `${batch === 'fresh' ? 'fresh-' : ''}${statistics === 'running' ? 'running-' : ''}`;
    for (const index of [2, 3]) {
      const mixed = Object.fromEntries(
        Object.keys(step.weights).map((name) => {
          const isBefore = /^dense(\d)/.test(name) && Number(name.charAt(5)) < index;
          return [name, (isBefore ? step.after : step.weights)[name] as Float64Array];
        }),
      );
      const slope = async (weights: Readonly<Record<string, Float64Array>>): Promise<number[]> => [
        ...(slopesOf(await run(feeds, weights, step.state))[`dense${index}/weight`] ?? []),
      ];
      const [here, there] = [await slope(step.weights), await slope(mixed)];
      const change = length(here.map((x, i) => x - (there[i] ?? Number.NaN)));
      const product = here.reduce((sum, x, i) => sum + x * (there[i] ?? Number.NaN), 0);
      const found = (name: string): number =>
        step.records.find((record) => record.quantity === `${prefix}${name}` && record.layer === `dense${index}`)
          ?.value ?? Number.NaN;
      // float64: rounding of sums over some hundred products.
      expect(found('covariate-shift') / change).toBeCloseTo(1, 9);
      expect(found('covariate-shift-relative') * length(here)).toBeCloseTo(change, 9);
      expect(found('covariate-shift-cosine')).toBeCloseTo(product / (length(here) * length(there)), 9);
      expect(change).toBeGreaterThan(1e-6);
    }
    expect(step.records).toHaveLength(6);
  });
});
