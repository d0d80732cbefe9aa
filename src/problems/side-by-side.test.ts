import { afterAll, describe, expect, it } from 'vitest';
import { drawLinear } from '../data/linear.ts';
import { need } from '../errors.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import type { NormName } from '../norms/index.ts';
import { outputOf, type Device, type Tensors } from '../runtime/device.ts';
import type { LoweringSettings } from '../runtime/lowering-choice.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { blockedHere } from '../testing/usual-lowering.ts';
import { initialStates } from '../train/initial-state.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { openSession, type Session } from '../train/session.ts';
import { deepLinear, regression } from './regression.ts';
import { deepLinearSideBySide, partOf, sideBySideFeeds, type SideBySideSettings } from './side-by-side.ts';

const reference: LoweringSettings = { lowering: 'reference', convolution: 'direct' };
const portable: LoweringSettings = { lowering: 'portable', convolution: 'direct' };
/** Where the processor has it. */
const blocked: readonly LoweringSettings[] =
  blockedHere === undefined ? [] : [{ lowering: blockedHere, convolution: 'direct' }];
const devices: Device[] = [];
afterAll(() => Promise.all(devices.map((device) => device.close())));

interface Case extends Omit<SideBySideSettings, 'networks'> {
  readonly examples: number;
  readonly rate: number;
  /** Multiplies the examples of a network. */
  readonly scale?: (seed: number) => number;
}
const base = { depth: 4, width: 5, inputs: 3, outputs: 2, examples: 11, rate: 1e-3 } as const;

function examplesOf({ inputs = 0, outputs = 0, examples, scale = () => 1 }: Case, seed: number) {
  const { x, y } = drawLinear({ seed, examples, inputs, outputs });
  return { x: x.map((value) => value * scale(seed)), y: y.map((value) => value * scale(seed)) };
}

function deviceFor(lowering: LoweringSettings): Device {
  const device = threadlessDevice({ ...lowering, threads: 1 });
  devices.push(device);
  return device;
}

interface Taken {
  /** Of each network, step by step. */
  readonly losses: readonly (readonly number[])[];
  /** Of each network, by name. */
  readonly states: readonly ReadonlyMap<string, readonly number[]>[];
}

async function together(
  given: Case,
  seeds: readonly number[],
  steps: number,
  lowering: LoweringSettings,
): Promise<Taken> {
  const { examples, rate, scale: _, ...settings } = given;
  const problem = deepLinearSideBySide({ ...settings, networks: seeds.length });
  const session = await openSession(deviceFor(lowering), problem, {
    batchSize: examples,
    optimiser: sgd(),
    learningRate: rate,
  });
  await session.write(initialStates(session.graph, seeds));
  const feeds = sideBySideFeeds(
    seeds.map((seed) => examplesOf(given, seed)),
    examples,
    problem.float,
  );
  const losses = seeds.map((): number[] => []);
  for (let step = 0; step < steps; step++) {
    const taken = outputOf((await session.take(feeds)).outputs, 'losses');
    for (const [i, list] of losses.entries()) list.push(Number(taken[i]));
  }
  const stored = await session.read();
  const states = seeds.map(
    (_seed, i) =>
      new Map([...stored].map(([name, { data }]) => [name, [...partOf(data as Float64Array, i, seeds.length)]])),
  );
  return { losses, states };
}

/** The network of one seed as a session of its own. */
async function alone(given: Case, seed: number, steps: number, lowering: LoweringSettings): Promise<Taken> {
  const {
    examples,
    rate,
    norm,
    inputs = 0,
    outputs = 0,
    float = 'float32',
    depth,
    width,
    normaliseLast = false,
  } = given;
  const problem = regression(deepLinear({ depth, width, outputs, normaliseLast }), {
    input: [inputs],
    outputs,
    over: 'sum',
    norm,
    initialiser: 'glorot',
    float,
  });
  const session: Session = await openSession(deviceFor(lowering), problem, {
    batchSize: examples,
    optimiser: sgd(),
    learningRate: rate,
    seed,
  });
  const { x, y } = examplesOf(given, seed);
  const feeds: Tensors = float === 'float64' ? { x: new Float64Array(x), y: new Float64Array(y) } : { x, y };
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push((await session.take(feeds)).loss);
  const stored = await session.read();
  return { losses: [losses], states: [new Map([...stored].map(([name, { data }]) => [name, [...data].map(Number)]))] };
}

/**
 * The largest difference, as a multiple of the largest number where that is above 1: of a shift that the next norm takes away
 * the whole gradient is rounding.
 */
function distance(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  const size = Math.max(...b.map(Math.abs), 1);
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0)))) / size;
}

const seeds = [3, 0, 8];
const compared: readonly NormName[] = ['none', 'batch', 'batch-l1', 'batch-l2', 'batch-linf', 'batch-composed'];

describe('networks side by side', () => {
  it.each<[FloatType, LoweringSettings, number]>([
    // 20 steps multiply the rounding of one by some tens: 1e-16 and 6e-8 times a thousand.
    ['float64', reference, 1e-13],
    ['float32', reference, 6e-5],
    ['float32', portable, 6e-5],
    ...blocked.map((lowering): [FloatType, LoweringSettings, number] => ['float32', lowering, 6e-5]),
  ])('take the steps of each network alone, in %s by %o', async (float, lowering, tolerance) => {
    for (const norm of compared) {
      for (const normaliseLast of norm === 'batch' ? [false, true] : [false]) {
        const given: Case = { ...base, norm, float, normaliseLast };
        const group = await together(given, seeds, 20, lowering);
        for (const [i, seed] of seeds.entries()) {
          const one = await alone(given, seed, 20, lowering);
          expect(distance(need(group.losses[i], 'losses'), need(one.losses[0], 'losses'))).toBeLessThan(tolerance);
          const state = need(group.states[i], 'a state');
          for (const [name, values] of need(one.states[0], 'a state')) {
            expect(distance(need(state.get(name), name), values), `${norm}, seed ${seed}, ${name}`).toBeLessThan(
              tolerance,
            );
          }
        }
      }
    }
  });

  it.each<NormName>(['none', 'batch', 'batch-l1'])(
    'do what plain loops and differences say, with norm %s',
    async (norm) => {
      const given: Case = { ...base, depth: 3, width: 2, examples: 6, norm, float: 'float64' };
      const before = (await together(given, seeds, 0, reference)).states;
      const { losses, states } = await together(given, seeds, 3, reference);
      for (const [i, seed] of seeds.entries()) {
        const state = new Map(need(before[i], 'a state'));
        const slow = [0, 1, 2].map(() => slowStep(state, given, seed));
        // Central differences with h = 1e-5 are off by some 1e-10 of the size of the loss.
        expect(distance(need(losses[i], 'losses'), slow)).toBeLessThan(1e-8);
        for (const [name, values] of state) {
          if (name.includes('running')) continue;
          expect(distance(need(states[i]?.get(name), name), values), name).toBeLessThan(1e-8);
        }
      }
    },
  );

  it('keep a network that is lost to itself', async () => {
    for (const norm of ['none', 'batch'] as const) {
      const lost: Case = { ...base, examples: 16, norm, scale: (seed) => (seed === 0 ? 1e25 : 1) };
      const [with0, without] = [
        await together(lost, seeds, 6, portable),
        await together({ ...lost, scale: () => 1 }, seeds, 6, portable),
      ];
      expect(need(with0.losses[1], 'losses').some(Number.isFinite)).toBe(false);
      for (const i of [0, 2]) {
        expect(with0.losses[i]).toEqual(without.losses[i]);
        expect(with0.states[i]).toEqual(without.states[i]);
        expect(need(with0.losses[i], 'losses').every(Number.isFinite)).toBe(true);
      }
    }
  });

  it.each([portable, reference, ...blocked])(
    'have the same bits whoever stands beside them, by %o',
    async (lowering) => {
      for (const norm of compared) {
        // 16 · 5 and 16 · 2 numbers are whole cache lines.
        const given: Case = { ...base, examples: 16, norm };
        const all = await together(given, [4, 1, 9, 2, 7], 5, lowering);
        const few = await together(given, [2, 4], 5, lowering);
        const single = await together(given, [9], 5, lowering);
        expect([few.losses[0], few.losses[1], single.losses[0]]).toEqual([all.losses[3], all.losses[0], all.losses[2]]);
        expect([few.states[0], few.states[1], single.states[0]]).toEqual([all.states[3], all.states[0], all.states[2]]);
      }
    },
  );

  it.each<NormName>([
    'layer',
    'instance',
    'group',
    'rms',
    'ghost-batch',
    'filter-response',
    'dyt',
    'weight',
    'spectral',
  ])('refuse norm %s, which looks beyond a feature', (norm) =>
    expect(() => deepLinearSideBySide({ ...base, networks: 2, norm })).toThrow(/each feature over the whole batch/),
  );

  it('refuse a norm whose random numbers would be shared', () => {
    const problem = deepLinearSideBySide({ ...base, networks: 2, norm: 'noisy-batch' });
    expect(() => problem.build({ mode: 'train', batchSize: 5 })).toThrow(/draws random numbers/);
  });

  it.each(['networks', 'depth', 'width', 'inputs', 'outputs'])('refuse %s below 1', (size) => {
    expect(() => deepLinearSideBySide({ ...base, networks: 2, norm: 'none', [size]: 0 })).toThrow(
      `a ${size} of 1 or more, got 0`,
    );
  });

  it('are fed examples last', () => {
    const each = [
      { x: [1, 2, 3, 4, 5, 6], y: [7, 8, 9] },
      { x: [-1, -2, -3, -4, -5, -6], y: [-7, -8, -9] },
    ];
    const { x, y } = sideBySideFeeds(each, 3, 'float64');
    expect([...x]).toEqual([1, 3, 5, 2, 4, 6, -1, -3, -5, -2, -4, -6]);
    expect([...y]).toEqual([7, 8, 9, -7, -8, -9]);
  });
});

/** One step of gradient descent on one network, by loops and central differences. @returns the loss before it. */
function slowStep(state: Map<string, readonly number[]>, given: Case, seed: number): number {
  const loss = slowLoss(state, given, seed);
  const h = 1e-5;
  const slopes = new Map<string, number[]>();
  for (const [name, values] of state) {
    if (name.includes('running')) continue;
    const moved = (i: number, by: number): number =>
      slowLoss(new Map(state).set(name, values.with(i, (values[i] ?? 0) + by)), given, seed);
    slopes.set(
      name,
      values.map((_, i) => (moved(i, h) - moved(i, -h)) / (2 * h)),
    );
  }
  for (const [name, slope] of slopes) {
    state.set(
      name,
      need(state.get(name), name).map((value, i) => value - given.rate * (slope[i] ?? 0)),
    );
  }
  return loss;
}

function slowLoss(state: ReadonlyMap<string, readonly number[]>, given: Case, seed: number): number {
  const { depth, width, inputs = 0, outputs = 0, examples, norm } = given;
  const { x, y } = examplesOf(given, seed);
  let rows = Array.from({ length: examples }, (_, n) => [...x.subarray(n * inputs, (n + 1) * inputs)]);
  for (let layer = 1; layer <= depth; layer++) {
    const weight = need(state.get(`linear${layer}/weight`), 'a weight');
    const units = layer === depth ? outputs : width;
    rows = rows.map((row) =>
      Array.from({ length: units }, (_, u) =>
        row.reduce((sum, value, d) => sum + value * (weight[d * units + u] ?? 0), 0),
      ),
    );
    if (norm === 'none' || layer === depth) continue;
    const parameter = (name: string, u: number): number => need(state.get(`linear${layer}/norm/${name}`), name)[u] ?? 0;
    const columns = Array.from({ length: units }, (_, u) => {
      const column = rows.map((row) => row[u] ?? 0);
      const mean = column.reduce((a, b) => a + b) / examples;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / examples;
      const absolute = column.reduce((sum, value) => sum + Math.abs(value), 0) / examples;
      const size = norm === 'batch' ? Math.sqrt(variance + 1e-5) : absolute + 1e-5;
      return column.map((value) => (parameter('gamma', u) * (value - mean)) / size + parameter('beta', u));
    });
    rows = rows.map((_, n) => columns.map((column) => column[n] ?? 0));
  }
  return rows.reduce(
    (sum, row, n) => sum + row.reduce((part, value, k) => part + (value - (y[n * outputs + k] ?? 0)) ** 2 / 2, 0),
    0,
  );
}
