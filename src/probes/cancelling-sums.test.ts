import { describe, expect, it } from 'vitest';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { parametersOf } from '../graph/graph.ts';
import { syntheticDataset } from '../data/synthetic.ts';
import type { NormName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { NetworkFunction } from '../problems/network-function.ts';
import type { Problem } from '../problems/problem.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { allFed, evaluate } from '../testing/evaluate.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import type { StepResult } from '../train/readout.ts';
import { openSession } from '../train/session.ts';
import { cancellingSums, medianOf } from './cancelling-sums.ts';

const data = syntheticDataset({ classes: 4, shape: [3, 6, 5], count: 20, seed: 2 });
const [batchSize, LAYER] = [7, 2];

const networks: Readonly<Record<'dense' | 'convolutions', NetworkFunction>> = {
  dense:
    ({ dense, flatten, linear }) =>
    (x) =>
      linear('head', dense('layer2', dense('layer1', flatten(x), 6), 5), 4),
  convolutions:
    ({ conv, linear, globalAveragePool }) =>
    (x) =>
      linear('head', globalAveragePool(conv('layer2', conv('layer1', x, { channels: 4 }), { channels: 5 })), 4),
};

const problemOf = (network: keyof typeof networks, norm: NormName): Problem =>
  classifier(networks[network], { input: data.shape, classes: 4, norm, float: 'float64' });

/** Weights to start from, and what the probe measures at them. */
async function measured(problem: Problem) {
  const device = threadlessDevice({ lowering: 'reference', threads: 1 });
  try {
    const { readout } = cancellingSums.configure('cancelling-sums', { layers: [LAYER] });
    const session = await openSession(device, problem, {
      batchSize,
      seed: 3,
      optimiser: sgd(),
      learningRate: 0.1,
      readouts: [readout],
    });
    const names = session.graph.inputs.flatMap(({ value, role }) =>
      role.kind === 'parameter' || role.kind === 'state' ? [value.name] : [],
    );
    const stored = await session.read(names);
    const feeds = imageFeeds(data, { batchSize, seed: 3, augment: false }, 'float64')(0);
    const result: StepResult & { readonly records: readonly { quantity: string; value: number }[] } =
      await session.take(feeds);
    return { stored, feeds: result.feeds, records: result.records };
  } finally {
    await device.close();
  }
}

/** The gradient of the layer's weight from one example alone, others held in the batch by a loss that looks at one. */
async function termsByExample(problem: Problem, stored: Awaited<ReturnType<typeof measured>>) {
  const { g, network, loss } = problem.build({ mode: 'frozen', batchSize });
  const { linear, name } = need(network.layers[LAYER - 1], 'a layer');
  const [slope] = grad(g, loss, [linear]);
  const input = need(network.layers[LAYER - 2], 'the layer before').output;
  const weight = need(
    parametersOf(g).find((parameter) => parameter.name === `${name}/weight`),
    'its weight',
  );
  const [whole] = grad(g, loss, [weight]);
  const graph = allFed(g.finish('terms', { input, slope: need(slope, 'a slope'), whole: need(whole, 'a gradient') }));
  const tensors = Object.fromEntries([...stored.stored].map(([key, { data: values }]) => [key, values]));
  const found = await evaluate(graph, { ...tensors, ...stored.feeds });
  return { found, input: input.shape, slope: linear.shape, weight: weight.shape };
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
};

describe('cancelling-sums', () => {
  it.each([
    ['convolutions', 'batch'],
    ['convolutions', 'none'],
    ['dense', 'batch'],
  ] as const)('of %s with %s adds up the terms one by one', async (network, norm) => {
    const problem = problemOf(network, norm);
    const { records, ...state } = await measured(problem);
    const { found, input, slope, weight } = await termsByExample(problem, { ...state, records });
    const [x, d] = [found['input'] as Float64Array, found['slope'] as Float64Array];
    const [, C = 0, H = 1, W = 1] = input;
    const [N = 0, K = 0, P = 1, Q = 1] = slope;
    const sums: number[] = [];
    const magnitudes: number[] = [];
    const [rows, columns] = [weight[2] ?? 1, weight[3] ?? 1];
    for (let k = 0; k < K; k++) {
      for (let c = 0; c < C; c++) {
        for (let r = 0; r < rows; r++) {
          for (let s = 0; s < columns; s++) {
            let [sum, magnitude] = [0, 0];
            for (let n = 0; n < N; n++) {
              for (let p = 0; p < P; p++) {
                for (let q = 0; q < Q; q++) {
                  // 3 × 3 kernels with one pixel of padding, or no kernel at all.
                  const [h, w] = [p + r - (rows - 1) / 2, q + s - (columns - 1) / 2];
                  if (h < 0 || h >= H || w < 0 || w >= W) continue;
                  const term = (d[((n * K + k) * P + p) * Q + q] ?? 0) * (x[((n * C + c) * H + h) * W + w] ?? 0);
                  sum += term;
                  magnitude += Math.abs(term);
                }
              }
            }
            sums.push(Math.abs(sum));
            magnitudes.push(magnitude);
          }
        }
      }
    }
    const of = (quantity: string): number =>
      records.find((record) => record.quantity === quantity)?.value ?? Number.NaN;
    // Seven digits are recorded.
    expect(of('sum-of-magnitudes') / median(magnitudes)).toBeCloseTo(1, 6);
    expect(of('magnitude-of-sum') / median(sums)).toBeCloseTo(1, 6);
    expect(of('cancelling-ratio') / median(magnitudes.map((a, i) => a / (sums[i] ?? 0)))).toBeCloseTo(1, 6);
    // The sums are the gradient that training uses.
    const whole = Array.from(found['whole'] as Float64Array, Math.abs);
    expect(median(whole) / median(sums)).toBeCloseTo(1, 9);
  });
});

describe('the median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[1, Number.POSITIVE_INFINITY, 2], 2],
    [[Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 2], Number.POSITIVE_INFINITY],
    [[1, Number.NaN, 2], Number.NaN],
    [[], Number.NaN],
  ])('of %j is %d', (values, expected) => {
    expect(medianOf(Float64Array.from(values))).toBe(expected);
  });
});
