import { describe, expect, it } from 'vitest';
import { tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { parametersOf } from '../graph/graph.ts';
import { createStream } from '../math/random.ts';
import type { NormName } from '../norms/index.ts';
import type { Problem } from '../problems/problem.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { allFed, openProgram } from '../testing/evaluate.ts';
import { imageBatches, imageFeeds } from '../train/image-feeds.ts';
import { openSession } from '../train/session.ts';
import { probe } from './index.ts';

const { batchSize, seed, optimiser } = tinySettings;
const STEP = 4;
const BATCHES = 3;

interface Point {
  readonly loss: number;
  readonly gradient: readonly number[];
}

/** Loss and gradient of a batch in training mode and float64, at weights that are fed. */
async function evaluator(problem: Problem): Promise<(feeds: object) => Promise<Point>> {
  const { g, loss } = problem.build({ mode: 'train', batchSize });
  const parameters = parametersOf(g);
  const slopes = grad(g, loss, parameters);
  const named = parameters.map(({ name }, i) => [`d ${name}`, need(slopes[i], 'a gradient')] as const);
  const program = await openProgram(allFed(g.finish('plain', { loss, ...Object.fromEntries(named) })));
  return async (feeds) => {
    const outputs = await program.run({ ...feeds });
    const gradient = parameters.flatMap(({ name }) => Array.from(outputs[`d ${name}`] as Float64Array));
    return { loss: Number(outputs['loss']?.[0]), gradient };
  };
}

/** The examples of a further batch, drawn and standardised here. */
function furtherBatch(split: 'train' | 'test', index: number): { x: Float64Array; labels: Int32Array } {
  const { images, labels, count } = tinyData[split];
  const order = createStream({ seed, purpose: 'probe', step: STEP, layer: `batch-${index}` }).permutation(count);
  const pixels = images.length / count;
  const [channels] = tinyData.shape;
  const x = Array.from(order.subarray(0, batchSize)).flatMap((example) =>
    Array.from(images.subarray(example * pixels, (example + 1) * pixels), (pixel, i) => {
      const channel = Math.floor((i * channels) / pixels);
      return Math.fround((pixel / 255 - (tinyData.mean[channel] ?? 0)) / (tinyData.std[channel] ?? 1));
    }),
  );
  const chosen = Array.from(order.subarray(0, batchSize), (example) => labels[example] ?? -1);
  return { x: Float64Array.from(x), labels: Int32Array.from(chosen) };
}

const dot = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, a, i) => sum + a * (v[i] ?? 0), 0);

describe.each([
  ['batch', 'train'],
  ['batch', 'test'],
  ['none', 'train'],
] as const)('gradient-confusion of an MLP with norm %s on the %s split', (norm: NormName, split) => {
  it('is what gradients of batches, drawn and computed one by one, come to', async () => {
    const problem = tinyProblem({ norm, float: 'float64' });
    const device = threadlessDevice({ lowering: 'reference', threads: 1 });
    try {
      const session = await openSession(device, problem, {
        batchSize,
        seed,
        optimiser,
        learningRate: 0.1,
        readouts: [probe('gradient-confusion', { every: STEP, batches: BATCHES, split })],
        batches: imageBatches(tinyData, { seed, augment: false }, 'float64'),
      });
      const feeds = imageFeeds(tinyData, tinySettings, 'float64');
      while (session.step < STEP) await session.take(feeds(session.step));
      const stored = await session.read(parametersOf(session.graph).map(({ name }) => name));
      const weights = Object.fromEntries([...stored].map(([name, { data }]) => [name, data]));
      const step = await session.take(feeds(STEP));

      const evaluate = await evaluator(problem);
      const own = (await evaluate({ ...weights, ...step.feeds })).gradient;
      const points = [];
      for (let i = 0; i < BATCHES; i++) points.push(await evaluate({ ...weights, ...furtherBatch(split, i) }));
      const cosines = points.map(
        ({ gradient }) => dot(own, gradient) / Math.sqrt(dot(own, own) * dot(gradient, gradient)),
      );
      const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
      const expected = {
        'gradient-cosine-mean': mean(cosines),
        'gradient-cosine-least': Math.min(...cosines),
        'further-loss': mean(points.map(({ loss }) => loss)),
      };
      expect(new Set(cosines).size).toBe(BATCHES);
      expect(step.records.map(({ quantity }) => quantity)).toEqual(Object.keys(expected));
      for (const { quantity, value } of step.records) {
        expect(Math.abs(value - Number(new Map(Object.entries(expected)).get(quantity))), quantity).toBeLessThan(1e-12);
      }
    } finally {
      await device.close();
    }
  });
});

describe('gradient-confusion', () => {
  it('says what a session lacks that has no batches to draw, and one that has too few', async () => {
    const device = threadlessDevice({ lowering: 'portable', threads: 1 });
    const settings = { ...tinySettings, readouts: [probe('gradient-confusion')] };
    try {
      await expect(openSession(device, tinyProblem(), settings)).rejects.toThrow(
        'A readout measures on further batches, 9 examples of the train split, and the session has none to draw from; ' +
          "pass 'batches', a function of { split, size } that returns the feeds of (step, index)",
      );
      const batches = imageBatches(tinyData, { seed, augment: false });
      await expect(
        openSession(device.sibling(), tinyProblem(), { ...settings, batchSize: 35, batches }),
      ).rejects.toThrow('must not exceed the number of examples, got 35 for 34; try 34');
    } finally {
      await device.close();
    }
  });

  it('measures one’s own feeds where they come with batches', async () => {
    const device = threadlessDevice({ lowering: 'portable', threads: 1 });
    const asked: unknown[] = [];
    const feeds = imageFeeds(tinyData, tinySettings);
    try {
      const session = await openSession(device, tinyProblem(), {
        ...tinySettings,
        readouts: [probe('gradient-confusion', { batches: 2 })],
        batches: (request) => (step, index) => {
          asked.push([request, step, index]);
          return feeds(step);
        },
      });
      const { records } = await session.take(feeds(0));
      expect(asked).toEqual([0, 1].map((index) => [{ split: 'train', size: 9 }, 0, index]));
      // The batch of the step itself: its gradient agrees with itself, to rounding.
      for (const { value } of records.slice(0, 2)) expect(Math.abs(value - 1)).toBeLessThan(1e-6);
    } finally {
      await device.close();
    }
  });
});
