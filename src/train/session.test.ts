import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { device as settings, tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { createBatches, evaluationBatches } from '../data/batches.ts';
import { mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';
import { mean } from '../math/statistics.ts';
import { symmetricEigenvalues } from '../math/symmetric-eigenvalues.ts';
import type { NormName } from '../norms/index.ts';
import { ops } from '../ops/index.ts';
import type { Problem } from '../problems/problem.ts';
import type { Device, Tensors } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { hasDiverged } from './divergence.ts';
import { imageFeeds, testFeeds } from './image-feeds.ts';
import { sgd } from './optimisers/sgd.ts';
import { openSession, type Session, type Step } from './session.ts';
import type { SessionSettings } from './session-settings.ts';
import type { Snapshot } from './snapshot.ts';

let device: Device;
beforeAll(() => {
  device = threadlessDevice(settings);
});
afterAll(() => device.close());

const feedsOf = (seed: number = tinySettings.seed): ((step: number) => Tensors) =>
  imageFeeds(tinyData, { batchSize: tinySettings.batchSize, seed, augment: false });

function open(changes: Partial<SessionSettings> = {}, problem: Problem = tinyProblem()): Promise<Session> {
  return openSession(device.sibling(), problem, { ...tinySettings, firstBatch: feedsOf(changes.seed)(0), ...changes });
}

/** Trains to a step, and tells what each step was given and what it gave. */
async function follow(session: Session, until: number = tinySettings.steps): Promise<Step[]> {
  const seen: Step[] = [];
  for await (const step of session.steps({ feeds: feedsOf(session.settings.seed), until })) seen.push(step);
  return seen;
}

/** Rates and losses, as bits can be compared. */
const trace = (seen: readonly Step[]): number[][] =>
  seen.map(({ step, learningRate, loss }) => [step, learningRate, loss]);

describe('a session', () => {
  it('takes the batches of the seed and the rates of the schedule, step by step', async () => {
    const schedule = { kind: 'step', at: [0.5], factor: 0.1 } as const;
    const { batchSize, seed } = tinySettings;
    const batches = createBatches(tinyData.train, tinyData, { batchSize, seed, augment: false });
    const rates: number[] = [];
    const session = await open({ schedule, steps: 6 });
    for await (const { step, learningRate, feeds } of session.steps({ feeds: feedsOf(), until: 6 })) {
      const { x, y } = batches.batch(step);
      expect(feeds, `step ${step}`).toEqual({ x, labels: y });
      rates.push(learningRate);
    }
    expect(rates).toEqual([1, 1, 1, 0.1, 0.1, 0.1].map((multiple) => tinySettings.learningRate * multiple));
  });

  it('learns: after 80 steps the loss is a small part of what it was', async () => {
    const losses = (await follow(await open(), 80)).map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan(0.2 * (losses[0] ?? 0));
  });

  it('evaluates every test image once, with running statistics, as a plain loop does', async () => {
    const session = await open();
    await follow(session, 25);
    const { tensors } = await session.snapshot();
    let [loss, hits] = [0, 0];
    // 34 images in batches of 9: the last batch holds 7 and is filled up.
    for (const { x, y } of evaluationBatches(tinyData.test, tinyData, 1)) {
      const logits = plainMlp(tensors, [...x]);
      const label = y[0] ?? 0;
      loss += Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0)) - (logits[label] ?? Number.NaN);
      hits += logits.indexOf(Math.max(...logits)) === label ? 1 : 0;
    }
    const measured = await session.evaluate(testFeeds(tinyData, 9));
    expect(measured['accuracy']).toBe(hits / 34);
    // float32 against float64, over four layers: rounding of 6e-8 grown by some tens.
    expect(Math.abs((measured['loss'] ?? Number.NaN) - loss / 34)).toBeLessThan(1e-5);
    expect(measured['accuracy']).toBeGreaterThan(0.5);
  });

  it('takes single steps on whatever it is fed, at a rate that may change', async () => {
    const [looped, single] = [await open(), await open()];
    const feeds = feedsOf();
    for await (const step of looped.steps({ feeds, until: 4 })) {
      single.learningRate = looped.learningRate;
      const alone = await single.take(feedsOf()(step.step));
      expect([alone.step, alone.learningRate, alone.loss]).toEqual([step.step, step.learningRate, step.loss]);
      looped.learningRate /= 2;
    }
    expect(single.step).toBe(4);
    expect((await single.snapshot()).tensors).toEqual((await looped.snapshot()).tensors);
  });

  it('can be left in the middle of a loop and taken up again, with the same bits', async () => {
    const expected = trace(await follow(await open()));
    const session = await open();
    const seen: number[][] = [];
    for await (const step of session.steps({ feeds: feedsOf(), until: 12 })) {
      seen.push(...trace([step]));
      if (step.step === 4) break;
    }
    expect(session.step).toBe(5);
    expect([...seen, ...trace(await follow(session))]).toEqual(expected);
  });

  it('makes the batch of the step that it is at, though another was restored in the loop', async () => {
    const session = await open();
    const start = await session.snapshot();
    const seen: number[] = [];
    for await (const { step, loss } of session.steps({ feeds: feedsOf(), until: 4 })) {
      seen.push(loss);
      if (step === 2 && seen.length === 3) await session.restore(start);
    }
    expect(seen.slice(3)).toEqual([...seen.slice(0, 3), seen.at(-1)]);
    expect(seen).toHaveLength(7);
  });

  it('goes on from a snapshot, schedule included, with the bits of a run never interrupted', async () => {
    const schedule = { kind: 'plateau', patience: 2, factor: 0.5, improvement: 0.2 } as const;
    const whole = await open({ schedule });
    const expected = trace(await follow(whole));
    const end = await whole.snapshot();
    expect(new Set(expected.map(([, rate]) => rate)).size).toBeGreaterThan(2);

    const before = await open({ schedule });
    const head = trace(await follow(before, 5));
    const snapshot = throughJson(await before.snapshot());
    const after = await open({ schedule });
    await after.restore(snapshot);
    expect(after.step).toBe(5);
    expect([...head, ...trace(await follow(after))]).toEqual(expected);
    expect(await after.snapshot()).toEqual(end);
  });

  it('saves all parameters and state by name and logical shape, and nothing else', async () => {
    const { tensors } = await (await open()).snapshot();
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    const units = {
      bias: [7],
      'norm/gamma': [7],
      'norm/beta': [7],
      'norm/runningMean': [7],
      'norm/runningVariance': [7],
    };
    const layer = (name: string, inputs: number): [string, number[]][] =>
      Object.entries({ weight: [inputs, 7], ...units }).map(([part, shape]) => [`${name}/${part}`, shape]);
    const stored = Object.fromEntries([
      ...layer('dense1', 30),
      ...layer('dense2', 7),
      ...layer('dense3', 7),
      ['head/weight', [7, 4]],
      ['head/bias', [4]],
    ]) as Record<string, number[]>;
    const learnt = Object.entries(stored).filter(([name]) => !name.includes('running'));
    const velocities = Object.fromEntries(learnt.map(([name, shape]) => [`sgd/${name}/velocity`, shape]));
    expect(shapes).toEqual({ ...stored, ...velocities });
  });

  it('refuses a snapshot that lacks a tensor, and keeps its state', async () => {
    const session = await open();
    const full = await session.snapshot();
    const tensors = new Map(full.tensors);
    tensors.delete('head/bias');
    await expect(session.restore({ ...full, step: 4, tensors })).rejects.toThrow(
      /^A snapshot of this network must hold 'head\/bias' of \[4\], got dense1\/weight, /,
    );
    expect(await session.snapshot()).toEqual(full);
  });

  it.each<[string, Partial<SessionSettings>, Problem, RegExp]>([
    // Their tensors bear the same names and shapes.
    ['norm', {}, tinyProblem({ norm: 'batch-l1' }), /whose norm is "batch", got one with "batch-l1"/],
    ['activation', {}, tinyProblem({ activation: 'tanh' }), /whose activation is "relu", got one with "tanh"/],
    [
      'optimiser',
      { optimiser: sgd({ momentum: 0.8 }) },
      tinyProblem(),
      /computes something else, or with another optimiser/,
    ],
    ['batch size', { batchSize: 8 }, tinyProblem(), /or batch size; fork a session/],
  ])('refuses a snapshot of another %s', async (_, changes, problem, message) => {
    const other = await (await open({ ...changes, firstBatch: undefined }, problem)).snapshot();
    const session = await open();
    const before = await session.snapshot();
    await expect(session.restore(other)).rejects.toThrow(message);
    expect(await session.snapshot()).toEqual(before);
  });

  it('stops between two steps when the signal is given', async () => {
    const session = await open();
    const controller = new AbortController();
    for await (const { step } of session.steps({ feeds: feedsOf(), until: 12, signal: controller.signal })) {
      if (step === 2) controller.abort();
    }
    expect(session.step).toBe(3);
  });

  it('frees its programs when it is closed', async () => {
    const session = await open();
    await session.close();
    await expect(session.take(feedsOf()(0))).rejects.toThrow(/released/);
  });

  it.each<[string, object, RegExp]>([
    ['a batch of none', { batchSize: 0 }, /^Batch size must be a whole number of at least 1, got 0/],
    ['a rate that is no number', { learningRate: Number.NaN }, /^The learning rate must be a number of 0 or more/],
    [
      'a schedule without its length',
      { schedule: { kind: 'cosine' }, steps: undefined },
      /needs to know how many steps/,
    ],
    [
      'a readout that is never due',
      { readouts: [{ every: 0 }] },
      /^A readout must be due every 1 step or more, got every = 0/,
    ],
    ['momentum of 1', { optimiser: sgd({ momentum: 1 }) }, /^Momentum must lie in/],
  ])('refuses %s', async (_, changes, message) => {
    await expect(open(changes as Partial<SessionSettings>)).rejects.toThrow(message);
  });
});

describe('a fork', () => {
  it('goes its own way from where it was made, and leaves the other as it is', async () => {
    const expected = trace(await follow(await open()));
    const session = await open();
    await follow(session, 5);
    const { session: twin, carried, anew } = await session.fork();
    expect(anew).toEqual([]);
    expect(carried).toEqual([...(await session.snapshot()).tensors.keys()]);
    const { session: slow } = await session.fork({ learningRate: 1e-4 });
    expect(trace(await follow(twin))).toEqual(expected.slice(5));
    const slowed = await follow(slow);
    expect(slowed[0]?.loss).toBe(expected[5]?.[2]);
    expect(slowed[1]?.loss).not.toBe(expected[6]?.[2]);
    expect(trace(await follow(session))).toEqual(expected.slice(5));
  });

  it('says which tensors carry over to another network, and which start anew', async () => {
    const session = await open();
    await follow(session, 5);
    const trained = await session.read();
    const layer = tinyProblem({ norm: 'layer' });
    const {
      session: other,
      carried,
      anew,
    } = await session.fork({ problem: layer, optimiser: sgd({ weightDecay: 0 }) });
    // The same names and shapes, but what belongs to a norm belongs to that norm.
    expect(anew).toEqual(['dense1', 'dense2', 'dense3'].flatMap((name) => [`${name}/norm/gamma`, `${name}/norm/beta`]));
    expect(carried).toContain('dense2/weight');
    const read = await other.read();
    for (const name of carried) expect(read.get(name), name).toEqual(trained.get(name));
    expect(read.get('dense1/norm/gamma')?.data).toEqual(new Float32Array(7).fill(1));
    expect(trained.get('dense1/norm/gamma')?.data).not.toEqual(new Float32Array(7).fill(1));
  });

  it('closed, leaves the session that it was made from as it is', async () => {
    const session = await open();
    const { session: twin } = await session.fork();
    await twin.close();
    await expect(twin.read()).rejects.toThrow('The device is closed');
    expect(await follow(session)).toHaveLength(12);
  });

  it('starts anew what has another shape', async () => {
    const session = await open();
    const { anew } = await session.fork({ problem: tinyProblem({ width: 0.08 }) });
    expect(anew).toContain('dense1/weight');
    expect(anew).not.toContain('head/bias');
  });
});

describe('hasDiverged()', () => {
  it.each([
    [0, 0.5, false],
    [1000, 0.5, false],
    [1000.1, 0.5, true],
    [1000.1, 2, false],
    [2000.1, 2, true],
    [5e6, 5e4, false],
    [Number.POSITIVE_INFINITY, 2, true],
    [Number.NaN, 2, true],
    [Number.NaN, Number.NaN, true],
  ])('of a loss of %d after a first one of %d is %s', (loss, first, expected) => {
    expect(hasDiverged(loss, first)).toBe(expected);
  });
});

/** The logits of one image by the definition, in float64: three hidden layers with running statistics, and a head. */
function plainMlp(tensors: Snapshot['tensors'], image: readonly number[]): number[] {
  const get = (name: string): number[] => Array.from(tensors.get(name)?.data as Float32Array);
  const dense = (layer: string, x: readonly number[]): number[] => {
    const [weight, bias] = [get(`${layer}/weight`), get(`${layer}/bias`)];
    return bias.map((start, unit) =>
      x.reduce((sum, value, i) => sum + value * (weight[i * bias.length + unit] ?? Number.NaN), start),
    );
  };
  let x = [...image];
  for (const layer of ['dense1', 'dense2', 'dense3']) {
    const [gamma, beta] = [get(`${layer}/norm/gamma`), get(`${layer}/norm/beta`)];
    const [mean, variance] = [get(`${layer}/norm/runningMean`), get(`${layer}/norm/runningVariance`)];
    x = dense(layer, x).map((value, i) => {
      const normalised = (value - (mean[i] ?? 0)) / Math.sqrt((variance[i] ?? 0) + 1e-5);
      return Math.max(0, (gamma[i] ?? 0) * normalised + (beta[i] ?? 0));
    });
  }
  return dense('head', x);
}

/** What a checkpoint does to the state of a schedule. */
function throughJson(snapshot: Snapshot): Snapshot {
  return { ...snapshot, schedule: JSON.parse(JSON.stringify(snapshot.schedule)) as number[] };
}

/** What the first random input of a graph is. */
function noiseAlone({ inputs, float }: Graph): Graph {
  const random = inputs.find(({ role }) => role.kind === 'random');
  if (random === undefined) throw new RangeError('The graph must have random inputs');
  const g = new GraphBuilder(ops, float);
  const drawn = g.input('noise', random.value.shape, random.role);
  return g.finish('noise', { drawn: mul(g, drawn, 1) });
}

describe('what norms ask for', () => {
  const of = (norm: NormName, changes: Partial<SessionSettings> = {}): Promise<Session> =>
    open({ steps: 4, ...changes }, tinyProblem({ norm }));

  it('noise is drawn anew at each step, as a function of seed and step alone', async () => {
    const noiseOf = async (seed: number): Promise<readonly string[]> => {
      const session = await of('noisy-batch', { seed });
      const seen = await follow(session, 4);
      const program = await session.load(noiseAlone(session.graph));
      const drawn = seen.map(async ({ key }) => String((await program.run({}, key))['drawn']));
      return Promise.all(drawn);
    };
    const [first, again, other] = [await noiseOf(3), await noiseOf(3), await noiseOf(4)];
    expect(new Set(first).size).toBe(4);
    expect(again).toEqual(first);
    expect(first.filter((noise) => other.includes(noise))).toEqual([]);
  });

  it('losses tell which noise was drawn: of two runs, and of one that goes on from a snapshot', async () => {
    const losses = (steps: readonly Step[]): readonly number[] => steps.map(({ loss }) => loss);
    const whole = await of('noisy-batch');
    const first = await follow(whole, 2);
    const snapshot = await whole.snapshot();
    const rest = await follow(whole, 4);
    expect(losses(await follow(await of('noisy-batch'), 4))).toEqual(losses([...first, ...rest]));
    const resumed = await of('noisy-batch');
    await resumed.restore(snapshot);
    expect(losses(await follow(resumed, 4))).toEqual(losses(rest));
  });

  it('weight norm starts where the first batch has mean 0 and variance 1 in every unit of the first layer', async () => {
    const session = await of('weight');
    const { tensors } = await session.snapshot();
    const { batchSize, seed } = tinySettings;
    const { x } = createBatches(tinyData.train, tinyData, { batchSize, seed, augment: false }).batch(0);
    const get = (name: string): ArrayLike<number> => tensors.get(name)?.data as Float32Array;
    const [v, gamma, beta] = ['dense1/weight', 'dense1/norm/gamma', 'dense1/norm/beta'].map(get) as [
      ArrayLike<number>,
      ArrayLike<number>,
      ArrayLike<number>,
    ];
    const units = gamma.length;
    const inputs = v.length / units;
    for (let unit = 0; unit < units; unit++) {
      const column = Array.from({ length: inputs }, (_, i) => v[i * units + unit] ?? Number.NaN);
      const length = Math.hypot(...column);
      const outputs = Array.from({ length: batchSize }, (_, n) => {
        const product = column.reduce((sum, value, i) => sum + value * (x[n * inputs + i] ?? Number.NaN), 0);
        return ((gamma[unit] ?? Number.NaN) * product) / length + (beta[unit] ?? Number.NaN);
      });
      const centre = mean(outputs);
      // float32; and epsilon = 1e-5 keeps the variance a little below 1.
      expect(centre).toBeCloseTo(0, 5);
      expect(mean(outputs.map((value) => (value - centre) ** 2))).toBeCloseTo(1, 3);
    }
  });

  it('spectral norm starts near the largest singular value, and follows it from step to step', async () => {
    const session = await of('spectral');
    const before = (await session.snapshot()).tensors;
    const w = before.get('dense1/weight')?.data as Float32Array;
    const [u, v] = ['u', 'v'].map((name) => before.get(`dense1/norm/${name}`)?.data as Float32Array) as [
      Float32Array,
      Float32Array,
    ];
    const sigma = v.reduce(
      (sum, vi, i) => sum + vi * u.reduce((inner, uk, k) => inner + uk * (w[i * u.length + k] ?? 0), 0),
      0,
    );
    const gram = new Float64Array(u.length ** 2);
    for (let a = 0; a < u.length; a++) {
      for (let b = 0; b < u.length; b++) {
        for (let i = 0; i < v.length; i++) {
          gram[a * u.length + b] =
            (gram[a * u.length + b] ?? 0) + (w[i * u.length + a] ?? 0) * (w[i * u.length + b] ?? 0);
        }
      }
    }
    const exact = Math.sqrt((await symmetricEigenvalues(gram, u.length)).at(-1) ?? Number.NaN);
    // 15 iterations: what is left of the second singular vector.
    expect(sigma / exact).toBeGreaterThan(0.97);
    expect(sigma / exact).toBeLessThan(1 + 1e-6);
    await follow(session, 4);
    const after = (await session.snapshot()).tensors.get('dense1/norm/u')?.data as Float32Array;
    expect([...after]).not.toEqual([...u]);
  });

  it('a resumed run starts from its snapshot, not from the first batch again', async () => {
    const whole = await of('weight');
    const half = await follow(whole, 2);
    const snapshot = await whole.snapshot();
    const rest = await follow(whole, 4);
    const resumed = await of('weight');
    await resumed.restore(snapshot);
    expect(trace(await follow(resumed, 4))).toEqual(trace(rest));
    expect(half).toHaveLength(2);
  });
});
