/**
 * @file Whether float32 is precise enough for the differences of gradients at s = eta/100, where a Winograd error of 1e-6
 * or a flipped ReLU would show first: the yardstick is float64, with weights moved on the host.
 */

import { parametersOf } from '../graph/graph.ts';
import { describe, expect, it } from 'vitest';
import { need } from '../errors.ts';
import { grad } from '../autodiff/reverse.ts';
import { syntheticDataset } from '../data/synthetic.ts';
import { median } from '../math/statistics.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { classifier } from '../problems/classifier.ts';
import type { Problem } from '../problems/problem.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { allFed, openProgram } from '../testing/evaluate.ts';
import { usualLowering } from '../testing/usual-lowering.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import type { StepResult } from '../train/readout.ts';
import { openSession } from '../train/session.ts';
import { readoutOf } from './index.ts';

const SMALLEST = 0.01;
const STEPS = 10;
const seeds = [0, 1, 2, 3];
const learningRate = 0.1;
const batchSize = 16;

const networks = {
  vgg11: {
    width: 0.25,
    initialiser: 'glorot',
    images: syntheticDataset({ classes: 10, shape: [3, 32, 32], count: 160, seed: 1 }),
  },
  resnet20: {
    width: 1,
    initialiser: 'he',
    images: syntheticDataset({ classes: 10, shape: [3, 16, 16], count: 160, seed: 1 }),
  },
} as const;

interface Smoothness {
  readonly kappa: number;
  readonly beta: number;
}

/** A place of a training run, some steps after its start, and what the probe measures there. */
interface Place {
  readonly feeds: StepResult['feeds'];
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly measured: Smoothness;
}

function problemOf(model: keyof typeof networks, float: FloatType): Problem {
  const { width, initialiser, images } = networks[model];
  return classifier(model, { input: images.shape, norm: 'batch', initialiser, width, float });
}

async function trained(model: keyof typeof networks, seed: number): Promise<Place> {
  const device = threadlessDevice({ ...usualLowering, threads: 1 });
  try {
    const landscape = readoutOf({ name: 'landscape', settings: { every: STEPS, multiples: [SMALLEST] } });
    const settings = { batchSize, seed, optimiser: sgd(), learningRate, readouts: [landscape] };
    const session = await openSession(device, problemOf(model, 'float32'), settings);
    const feeds = imageFeeds(networks[model].images, { batchSize, seed, augment: false });
    while (session.step < STEPS) await session.take(feeds(session.step));
    const names = session.graph.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value.name] : []));
    const weights = [...(await session.read(names))].map(([name, { data }]) => [name, data as Float32Array] as const);
    const step = await session.take(feeds(STEPS));
    const value = (quantity: string): number =>
      step.records.find((record) => record.quantity === quantity && record.at === SMALLEST)?.value ?? Number.NaN;
    const measured = { kappa: value('ray-curvature'), beta: value('ray-beta') };
    return { feeds: step.feeds, weights: new Map(weights), measured };
  } finally {
    await device.close();
  }
}

/** kappa = ⟨Δg, g⟩ / (s‖g‖²) and beta = ‖Δg‖ / (s‖g‖) by their definitions, in float64. */
async function exactly(problem: Problem, { feeds: { x, labels }, weights }: Place): Promise<Smoothness> {
  const built = problem.build({ mode: 'train', batchSize });
  const { g, loss } = built;
  const parameters = parametersOf(built.g);
  const gradients = grad(g, loss, parameters);
  const outputs = Object.fromEntries(parameters.map(({ name }, i) => [name, need(gradients[i], 'a gradient')]));
  const program = await openProgram(allFed(g.finish('plain', outputs)));
  const fed = { x: Float64Array.from(x as Float32Array), labels: labels as Int32Array };
  const at = async (point: ReadonlyMap<string, Float64Array>): Promise<ReadonlyMap<string, Float64Array>> => {
    const found = await program.run({ ...fed, ...Object.fromEntries(point) });
    return new Map(parameters.map(({ name }) => [name, found[name] as Float64Array]));
  };
  const s = Math.fround(SMALLEST * learningRate);
  const here = new Map([...weights].map(([name, data]) => [name, Float64Array.from(data)]));
  const before = await at(here);
  const there = [...here].map(
    ([name, data]) => [name, data.map((w, i) => w - s * (before.get(name)?.[i] ?? Number.NaN))] as const,
  );
  const after = await at(new Map(there));
  await program.close();
  let [square, changeSquare, product] = [0, 0, 0];
  for (const [name, gradient] of before) {
    gradient.forEach((value, i) => {
      const change = value - (after.get(name)?.[i] ?? Number.NaN);
      square += value * value;
      changeSquare += change * change;
      product += change * value;
    });
  }
  return { kappa: product / (s * square), beta: Math.sqrt(changeSquare / square) / s };
}

describe.each(['vgg11', 'resnet20'] as const)('%s with batch norm', (model) => {
  it('has curvature and smoothness at s = eta/100 right to a thousandth, and to a hundredth where a ReLU flips', async () => {
    const errors: Record<'kappa' | 'beta', number[]> = { kappa: [], beta: [] };
    for (const seed of seeds) {
      const place = await trained(model, seed);
      const expected = await exactly(problemOf(model, 'float64'), place);
      for (const name of ['kappa', 'beta'] as const)
        errors[name].push(Math.abs(place.measured[name] / expected[name] - 1));
    }
    for (const list of Object.values(errors)) {
      // The study takes medians over 50 places and more; measured here: 1e-6 to 1e-4, and 1e-3 at 2 of 12 seeds.
      expect(median(list)).toBeLessThan(1e-3);
      expect(list.filter((error) => !(error < 1e-2)).length).toBeLessThanOrEqual(1);
    }
  });
});
