import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { need } from '../errors.ts';
import { device as deviceSettings, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { grad } from '../autodiff/reverse.ts';
import { syntheticDataset } from '../data/synthetic.ts';
import { type Graph, parametersOf } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import type { ModelName } from '../models/index.ts';
import type { NormName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { Problem } from '../problems/problem.ts';
import type { StepRecord } from '../records/record.ts';
import type { Device } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { allFed, openProgram } from '../testing/evaluate.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import type { StepResult } from '../train/readout.ts';
import { openSession } from '../train/session.ts';
import { landscape, type LandscapeSettings } from './landscape.ts';
import { displacedGraph, randomName } from './landscape-graphs.ts';

type Weights = ReadonlyMap<string, Float64Array>;

const data = syntheticDataset({ classes: 4, shape: [3, 8, 8], count: 60, seed: 2 });
const probeSettings: LandscapeSettings = {
  every: 1,
  multiples: [0.01, 0.5, 1, 2, 4],
  random: true,
  seed: 6,
  statistics: 'batch',
  batch: 'same',
  decay: false,
};
const learningRate = 0.1;
const STEPS = 15;

const batchSize = 13;

let device: Device;
beforeAll(() => {
  device = threadlessDevice(deviceSettings);
});
afterAll(() => device.close());

function problemOf(model: ModelName, norm: NormName, float: FloatType): Problem {
  const width = model === 'mlp' ? 0.11 : 0.04;
  return classifier(model, { input: data.shape, classes: 4, norm, width, initialiser: 'glorot', float });
}

/** A trained network, and what the probe measures of it at the next step, after which the device holds other weights. */
async function measureTrained(model: ModelName, norm: NormName, float: FloatType = 'float32'): Promise<Measured> {
  const { seed } = tinySettings;
  await device.close();
  device = threadlessDevice(float === 'float32' ? deviceSettings : { lowering: 'reference', threads: 1 });
  const { open, ...readout } = landscape.configure('landscape', { ...probeSettings, every: STEPS }).readout;
  const settings = { batchSize, seed, optimiser: sgd(), learningRate, readouts: [readout] };
  const session = await openSession(device, problemOf(model, norm, float), settings);
  const measure = await open?.(session, { vector: undefined });
  if (measure === undefined) throw new Error('The probe must have graphs of its own');
  const feeds = imageFeeds(data, { batchSize, seed, augment: false }, float);
  while (session.step < STEPS) await session.take(feeds(session.step));
  const before = await session.snapshot();
  const result = await session.take(feeds(STEPS));
  const after = await session.snapshot();
  const records = await measure(result);
  expect(await session.snapshot()).toEqual(after);
  const parameters = session.graph.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value.name] : []));
  const weights = new Map(
    parameters.map((name) => [name, Float64Array.from(before.tensors.get(name)?.data as Float32Array)]),
  );
  const direction = await readDirection(parameters);
  await measure({ ...result, step: result.step + 1 });
  const nextDirection = await readDirection(parameters);
  expect(await measure(result)).toEqual(records);
  return { problem: problemOf(model, norm, 'float64'), result, records, weights, direction, nextDirection };
}

interface Measured {
  /** The same in float64. */
  readonly problem: Problem;
  readonly result: StepResult;
  readonly records: readonly StepRecord[];
  readonly weights: Weights;
  readonly direction: Weights;
  /** That of the step after, from the same weights. */
  readonly nextDirection: Weights;
}

async function readDirection(parameters: readonly string[]): Promise<Weights> {
  const read = await device.read(parameters.map((name) => randomName(name)));
  return new Map(parameters.map((name) => [name, Float64Array.from(read.get(randomName(name))?.data as Float32Array)]));
}

/** Loss and gradient of the network in training mode, in float64 and plain ONNX, at any weights. */
function plainGraph(problem: Problem): Graph {
  const built = problem.build({ mode: 'train', batchSize });
  const { g, loss } = built;
  const parameters = parametersOf(built.g);
  const gradients = grad(g, loss, parameters);
  const named = Object.fromEntries(parameters.map(({ name }, i) => [`d ${name}`, need(gradients[i], 'a gradient')]));
  return allFed(g.finish('plain', { loss, ...named }));
}

const total = (names: Iterable<string>, term: (name: string, i: number) => number, sizes: Weights): number => {
  let sum = 0;
  for (const name of names) for (let i = 0; i < (sizes.get(name)?.length ?? 0); i++) sum += term(name, i);
  return sum;
};
const at = (weights: Weights, name: string, i: number): number => weights.get(name)?.[i] ?? Number.NaN;
const inner = (u: Weights, v: Weights): number => total(u.keys(), (name, i) => at(u, name, i) * at(v, name, i), u);
const moved = (u: Weights, s: number, v: Weights): Weights =>
  new Map([...u].map(([name, values]) => [name, values.map((value, i) => value - s * at(v, name, i))]));

/** Every quantity by its definition, from weights moved on this side. */
async function slowly({ problem, result, weights, direction }: Measured): Promise<Map<string, number>> {
  const program = await openProgram(plainGraph(problem));
  const { x, labels } = result.feeds;
  const feeds = { x: Float64Array.from(x as Float32Array), labels: labels as Int32Array };
  const evaluate = async (point: Weights): Promise<{ loss: number; g: Weights }> => {
    const outputs = await program.run({ ...feeds, ...Object.fromEntries(point) });
    const g = new Map([...point.keys()].map((name) => [name, outputs[`d ${name}`] as Float64Array]));
    return { loss: Number(outputs['loss']?.[0]), g };
  };
  const origin = await evaluate(weights);
  const length = Math.sqrt(inner(origin.g, origin.g));
  const found = new Map([['gradient-norm', length]]);
  for (const [ray, d] of [['ray', origin.g] as const, ['random-ray', direction] as const]) {
    found.set(`${ray}-loss@0`, origin.loss);
    for (const multiple of probeSettings.multiples) {
      const s = multiple * learningRate;
      const { loss, g } = await evaluate(moved(weights, s, d));
      const change = moved(origin.g, 1, g);
      const changed = Math.sqrt(inner(change, change));
      const of = (quantity: string, value: number): unknown => found.set(`${ray}-${quantity}@${multiple}`, value);
      of('loss', loss);
      of('gradient-change', changed);
      of('beta', changed / (s * length));
      of('relative-change', changed / length);
      of('cosine', inner(origin.g, g) / (length * Math.sqrt(inner(g, g))));
      of('lipschitz', Math.abs(origin.loss - loss) / (s * length));
      if (ray === 'random-ray') continue;
      of('curvature', inner(change, origin.g) / (s * length * length));
      of('decrease-ratio', (origin.loss - loss) / (s * length * length));
    }
  }
  await program.close();
  return found;
}

/**
 * Relative error of a float32 loss or gradient: roundings of 6e-8 and a Winograd error of 1e-6 at worst, over a dozen
 * layers forward and back that add like independent errors (√24 · 1e-6).
 */
const E32 = 5e-6;

/** What E comes to in each quantity: a difference of two gradients of length G has the error 2·E·G, of two losses 2·E·L. */
function tolerance(quantity: string, s: number, found: ReadonlyMap<string, number>, E = E32): number {
  const name = quantity.replace(/^(random-)?ray-|@.*$/g, '');
  const [loss, length] = [found.get('ray-loss@0') ?? Number.NaN, found.get('gradient-norm') ?? Number.NaN];
  const after = length * (1 + (found.get(quantity.replace(name, 'relative-change')) ?? 0));
  const lossThere = Math.max(loss, found.get(quantity.replace(name, 'loss')) ?? loss);
  const change = E * (length + after);
  switch (name) {
    case 'loss':
      return E * lossThere;
    case 'gradient-norm':
      return E * length;
    case 'gradient-change':
      return change;
    case 'relative-change':
      return change / length;
    case 'beta':
    case 'curvature':
      return change / (s * length);
    case 'cosine':
      return 4 * E;
    case 'lipschitz':
      return (E * 2 * lossThere) / (s * length);
    case 'decrease-ratio':
      return (E * 2 * lossThere) / (s * length * length);
    default:
      throw new RangeError(`No tolerance for '${quantity}'`);
  }
}

const keyOf = ({ quantity, at: multiple }: StepRecord): string =>
  multiple === undefined ? quantity : `${quantity}@${multiple}`;

const networks = (['mlp', 'vgg11'] as const).flatMap((model) =>
  (['none', 'batch'] as const).map((norm) => [model, norm] as const),
);

describe.each(networks)('landscape on %s with norm %s', (model, norm) => {
  let measured: Measured;
  let expected: ReadonlyMap<string, number>;
  beforeAll(async () => {
    measured = await measureTrained(model, norm);
    expected = await slowly(measured);
  });

  it('equals a slow reference in float64 with weights moved on the host, in every quantity', () => {
    expect(measured.records.map(keyOf).toSorted()).toEqual([...expected.keys()].toSorted());
    for (const record of measured.records) {
      const key = keyOf(record);
      const reference = expected.get(key) ?? Number.NaN;
      const error = Math.abs(record.value - reference);
      expect(error, key).toBeLessThanOrEqual(tolerance(key, learningRate * (record.at ?? 1), expected));
    }
  });

  it('is good to half a per cent in beta and curvature at s = eta/100, where float32 has least left', () => {
    for (const key of ['ray-beta@0.01', 'ray-curvature@0.01']) {
      const value = measured.records.find((record) => keyOf(record) === key)?.value ?? Number.NaN;
      expect(Math.abs(value / (expected.get(key) ?? Number.NaN) - 1), key).toBeLessThan(0.005);
    }
  });

  it('moves along a random direction as long as the gradient, another at each step', () => {
    const { direction, nextDirection } = measured;
    const length = expected.get('gradient-norm') ?? Number.NaN;
    expect(Math.abs(Math.sqrt(inner(direction, direction)) / length - 1)).toBeLessThan(E32);
    const values = [...direction.values()].flatMap((part) => [...part]);
    const deviation = length / Math.sqrt(values.length);
    // Of Gaussians, 68.3 % lie within one deviation; √(0.22/n) is the standard error, and five of them are allowed.
    const within = values.filter((value) => Math.abs(value) < deviation).length / values.length;
    expect(Math.abs(within - 0.683)).toBeLessThan(5 * Math.sqrt(0.22 / values.length));
    // The cosine of two random directions has the deviation 1/√n.
    expect(Math.abs(inner(direction, nextDirection)) / length ** 2).toBeLessThan(5 / Math.sqrt(values.length));
  });
});

describe('landscape', () => {
  it('measures a network in float64 as well, by the reference lowering', async () => {
    const measured = await measureTrained('mlp', 'batch', 'float64');
    const expected = await slowly(measured);
    expect(measured.records.map(keyOf).toSorted()).toEqual([...expected.keys()].toSorted());
    for (const record of measured.records) {
      const key = keyOf(record);
      const error = Math.abs(record.value - (expected.get(key) ?? Number.NaN));
      // The same roundings as above, each of 1e-16 in place of 6e-8.
      expect(error, key).toBeLessThanOrEqual(tolerance(key, learningRate * (record.at ?? 1), expected, 1e-14));
    }
  });

  it('has graphs that write nothing and read nothing but scratch', () => {
    const problem = tinyProblem();
    for (const direction of ['gradient', 'random'] as const) {
      const graph = displacedGraph((view) => problem.build({ mode: 'frozen', batchSize: 5, view }), direction, 3);
      expect(graph.updates).toEqual([]);
      const kinds = new Set(graph.inputs.map(({ role }) => role.kind));
      expect(kinds).toEqual(new Set(['scratch', 'sweep', 'data']));
    }
  });

  it('counts one gradient per step size and direction: that at x is the step’s own', () => {
    const cost = (settings: Partial<LandscapeSettings>): number => landscape.configure('landscape', settings).cost;
    expect(cost({ multiples: [0.5, 1] })).toBe(2);
    expect(cost({ multiples: [0.5, 1], random: true })).toBe(4);
    expect(cost({})).toBe(5);
  });

  it.each([
    [{ multiples: [] }, 'multiples', '[]'],
    [{ multiples: [0.5, 0] }, 'multiples', '[0.5, 0]'],
    [{ multiples: [Infinity] }, 'multiples', '[Infinity]'],
    [{ multiples: [1, -2] }, 'multiples', '[1, -2]'],
    [{ multiples: [1, 2, 1] }, 'multiples', '[1, 2, 1]'],
    [{ multiples: ['1'] }, 'multiples', "['1']"],
    [{ multiples: 2 }, 'multiples', '2'],
    [{ every: 0 }, 'every', '0'],
    [{ every: 2.5 }, 'every', '2.5'],
    [{ every: Number.NaN }, 'every', 'NaN'],
    [{ random: 'yes' }, 'random', "'yes'"],
    [{ seed: -1 }, 'seed', '-1'],
  ])('refuses %j', (settings, key, got) => {
    const must = {
      multiples: 'positive step sizes, as multiples of the learning rate, no two alike',
      every: 'a number of steps between measurements, 1 or more',
      random: 'true for a random direction as well, or false',
      seed: 'a seed of the random directions, a whole number of 0 or more',
    }[key];
    const message = `Setting '${key}' of probe 'landscape' must be ${must}, got ${got}`;
    expect(() => landscape.configure('landscape', settings)).toThrow(
      expect.objectContaining({ name: 'SettingError', message }),
    );
  });
});
