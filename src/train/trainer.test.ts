import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { device as settings, tinyData, tinyModel, tinySettings } from '../../test/tiny-training.ts';
import { createBatches, evaluationBatches } from '../data/batches.ts';
import { mean } from '../math/statistics.ts';
import { symmetricEigenvalues } from '../math/symmetric-eigenvalues.ts';
import type { NormName } from '../norms/index.ts';
import { Device } from '../runtime/device.ts';
import { hasDiverged, type Moment, type Snapshot, Trainer } from './trainer.ts';
import type { TrainingSettings } from './training-settings.ts';

/** One for all tests: opening a trainer sets every tensor anew. */
let device: Device;
beforeAll(() => {
  device = new Device(settings);
});
afterAll(() => device.close());

function open(changes: Partial<TrainingSettings> = {}): Promise<Trainer> {
  return Trainer.open({ ...tinySettings, ...changes }, tinyData, device);
}

/** Trains, to the end or to a step, and tells what each step was given and what it gave. */
async function follow(trainer: Trainer, end?: number): Promise<(Moment & { readonly loss: number })[]> {
  const seen: (Moment & { readonly loss: number })[] = [];
  await trainer.train({
    after: (moment, { loss }) => {
      seen.push({ ...moment, loss });
      return trainer.step !== end;
    },
  });
  return seen;
}

/** Rates, losses and state, as bits can be compared. */
const trace = (seen: Awaited<ReturnType<typeof follow>>): number[][] =>
  seen.map(({ step, learningRate, loss }) => [step, learningRate, loss]);

describe('Trainer', () => {
  it('takes the batches of the seed and the rates of the schedule, step by step', async () => {
    const schedule = { kind: 'step', at: [0.5], factor: 0.1 } as const;
    const { batchSize, seed } = tinySettings;
    const batches = createBatches(tinyData.train, tinyData, { batchSize, seed, augment: false });
    const rates: number[] = [];
    const trainer = await open({ schedule, steps: 6 });
    await trainer.train({
      after: ({ step, learningRate, feeds }) => {
        const { x, y } = batches.batch(step);
        expect(feeds, `step ${step}`).toEqual({ x, labels: y });
        return rates.push(learningRate) === step + 1;
      },
    });
    expect(rates).toEqual([1, 1, 1, 0.1, 0.1, 0.1].map((multiple) => tinySettings.learningRate * multiple));
  });

  it('learns: after 80 steps the loss is a small part of what it was', async () => {
    const losses = (await follow(await open({ steps: 80 }))).map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan(0.2 * (losses[0] ?? 0));
  });

  it('evaluates every test image once, with running statistics, as a plain loop does', async () => {
    const trainer = await open({ steps: 25, evaluateEvery: 25 });
    await follow(trainer);
    const { tensors } = await trainer.snapshot();
    let [loss, hits] = [0, 0];
    // 34 images in batches of 9: the last batch holds 7 and is filled up.
    for (const { x, y } of evaluationBatches(tinyData.test, tinyData, 1)) {
      const logits = plainMlp(tensors, [...x]);
      const label = y[0] ?? 0;
      loss += Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0)) - (logits[label] ?? Number.NaN);
      hits += logits.indexOf(Math.max(...logits)) === label ? 1 : 0;
    }
    const measured = await trainer.evaluate();
    expect(measured.accuracy).toBe(hits / 34);
    // float32 against float64, over four layers: rounding of 6e-8 grown by some tens.
    expect(Math.abs(measured.loss - loss / 34)).toBeLessThan(1e-5);
    expect(measured.accuracy).toBeGreaterThan(0.5);
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
    const trainer = await open();
    const full = await trainer.snapshot();
    const tensors = new Map(full.tensors);
    tensors.delete('head/bias');
    await expect(trainer.restore({ ...full, step: 4, tensors })).rejects.toThrow(
      /^A checkpoint of this network must hold 'head\/bias', got dense1\/weight, /,
    );
    expect(await trainer.snapshot()).toEqual(full);
  });

  it('stops between two steps when the signal is given', async () => {
    const trainer = await open();
    const controller = new AbortController();
    await trainer.train(
      {
        after: () => {
          if (trainer.step === 3) controller.abort();
          return true;
        },
      },
      controller.signal,
    );
    expect(trainer.step).toBe(3);
  });
});

describe('hasDiverged()', () => {
  it.each([
    [0, false],
    [1000, false],
    [1000.1, true],
    [Number.POSITIVE_INFINITY, true],
    [Number.NaN, true],
  ])('of a loss of %d is %s', (loss, expected) => {
    expect(hasDiverged(loss)).toBe(expected);
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

describe('what norms ask for', () => {
  const of = (norm: NormName, changes: Partial<TrainingSettings> = {}): Promise<Trainer> =>
    open({ modelSettings: tinyModel({ norm }), steps: 4, ...changes });

  it('noise is drawn anew at each step, as a function of seed and step alone', async () => {
    const noiseOf = async (seed: number): Promise<readonly string[]> => {
      const seen = await follow(await of('noisy-batch', { seed }));
      return seen.map(({ feeds }) => String(feeds['dense2/norm/noise/mean']));
    };
    const [first, again, other] = [await noiseOf(3), await noiseOf(3), await noiseOf(4)];
    expect(new Set(first).size).toBe(4);
    expect(again).toEqual(first);
    expect(first.filter((noise) => other.includes(noise))).toEqual([]);
  });

  it('weight norm starts where the first batch has mean 0 and variance 1 in every unit of the first layer', async () => {
    const trainer = await of('weight');
    const { tensors } = await trainer.snapshot();
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
    const trainer = await of('spectral');
    const before = (await trainer.snapshot()).tensors;
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
    await follow(trainer);
    const after = (await trainer.snapshot()).tensors.get('dense1/norm/u')?.data as Float32Array;
    expect([...after]).not.toEqual([...u]);
  });

  it('a resumed run starts from its snapshot, not from the first batch again', async () => {
    const whole = await of('weight');
    const half = await follow(whole, 2);
    const snapshot = await whole.snapshot();
    const rest = await follow(whole);
    const resumed = await of('weight');
    await resumed.restore(snapshot);
    expect(trace(await follow(resumed))).toEqual(trace(rest));
    expect(half).toHaveLength(2);
  });
});
