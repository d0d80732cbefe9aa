import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { device as settings, tinyData, tinySettings } from '../../test/tiny-training.ts';
import { createBatches, evaluationBatches } from '../data/batches.ts';
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
    const seen = await follow(await open({ schedule, steps: 6 }));
    const { batchSize, seed } = tinySettings;
    const batches = createBatches(tinyData.train, tinyData, { batchSize, seed, augment: false });
    expect(seen.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seen.map(({ learningRate }) => learningRate)).toEqual(
      [1, 1, 1, 0.1, 0.1, 0.1].map((multiple) => tinySettings.learningRate * multiple),
    );
    for (const { step, feeds } of seen) {
      const { x, y } = batches.batch(step);
      expect(feeds, `step ${step}`).toEqual({ x, labels: y });
    }
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

  it('has called `before` with the weights that the step starts from', async () => {
    const trainer = await open({ steps: 3 });
    const calls: string[] = [];
    let weights = await device.read(['head/weight']);
    await trainer.train({
      before: async ({ step }) => {
        calls.push(`before ${step}`);
        expect(await device.read(['head/weight'])).toEqual(weights);
      },
      after: async ({ step }) => {
        calls.push(`after ${step}`);
        const moved = await device.read(['head/weight']);
        expect(moved).not.toEqual(weights);
        weights = moved;
        return true;
      },
    });
    expect(calls).toEqual([0, 1, 2].flatMap((step) => [`before ${step}`, `after ${step}`]));
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
