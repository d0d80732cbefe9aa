import { describe, expect, it } from 'vitest';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { parametersOf } from '../graph/graph.ts';
import { syntheticDataset } from '../data/synthetic.ts';
import { classifier } from '../problems/classifier.ts';
import type { NetworkFunction } from '../problems/network-function.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { allFed, evaluate } from '../testing/evaluate.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { openSession } from '../train/session.ts';
import { momentsAlongStep } from './moments-along-step.ts';

const data = syntheticDataset({ classes: 4, shape: [3, 5, 7], count: 20, seed: 2 });
const [batchSize, learningRate] = [6, 0.05];
const multiples = [0, 3, 40];

const residual: NetworkFunction =
  ({ conv, linear, globalAveragePool }) =>
  (x) => {
    const a = conv('conv1', x, { channels: 5 });
    const b = conv('conv2', a, { channels: 5, residual: a });
    return linear('head', globalAveragePool(conv('conv3', b, { channels: 4, stride: 2 })), 4);
  };

describe('moments-along-step', () => {
  it.each(['none', 'batch'] as const)('of a residual network with %s are those of the moved network', async (norm) => {
    const problem = classifier(residual, { input: data.shape, classes: 4, norm, float: 'float64' });
    const device = threadlessDevice({ lowering: 'reference', threads: 1 });
    try {
      const { readout } = momentsAlongStep.configure('moments-along-step', { multiples });
      const settings = { batchSize, seed: 3, optimiser: sgd(), learningRate, readouts: [readout] };
      const session = await openSession(device, problem, settings);
      const stored = await session.read(
        session.graph.inputs.flatMap(({ value, role }) =>
          role.kind === 'parameter' || role.kind === 'state' ? [value.name] : [],
        ),
      );
      const tensors = Object.fromEntries([...stored].map(([key, { data: values }]) => [key, values as Float64Array]));
      const { records, feeds } = await session.take(
        imageFeeds(data, { batchSize, seed: 3, augment: false }, 'float64')(0),
      );

      const { g, network, loss } = problem.build({ mode: 'frozen', batchSize });
      const parameters = parametersOf(g);
      const gradients = grad(g, loss, parameters).map((gradient) => need(gradient, 'a gradient'));
      const graph = allFed(
        g.finish('slow', {
          loss,
          ...Object.fromEntries(parameters.map(({ name }, i) => [`d${name}`, need(gradients[i], name)])),
          ...Object.fromEntries(network.layers.map(({ name, summed }) => [`summed ${name}`, summed])),
        }),
      );
      const here = await evaluate(graph, { ...tensors, ...feeds });
      expect(records.filter(({ quantity }) => quantity === 'largest-channel-mean')).toHaveLength(3 * multiples.length);
      for (const at of multiples) {
        const moved = parameters.map(({ name }) => {
          const slope = here[`d${name}`] as Float64Array;
          return [name, need(tensors[name], name).map((x, i) => x - at * learningRate * (slope[i] as number))] as const;
        });
        const there = await evaluate(graph, { ...tensors, ...feeds, ...Object.fromEntries(moved) });
        const of = (quantity: string, layer?: string): number =>
          records.find((record) => record.quantity === quantity && record.at === at && record.layer === layer)?.value ??
          Number.NaN;
        // Seven digits are recorded.
        expect(of('loss-along-step') / Number((there['loss'] as Float64Array)[0])).toBeCloseTo(1, 6);
        for (const { name, summed } of network.layers) {
          const channels = channelMoments(there[`summed ${name}`] as Float64Array, summed.shape);
          const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
          const expected = {
            'channel-mean-magnitude': mean(channels.map((channel) => Math.abs(channel.mean))),
            'channel-deviation': mean(channels.map(({ variance }) => Math.sqrt(variance))),
            'largest-channel-mean': Math.max(...channels.map((channel) => Math.abs(channel.mean))),
            'largest-channel-variance': Math.max(...channels.map(({ variance }) => variance)),
          };
          for (const [quantity, value] of Object.entries(expected)) {
            expect(Math.abs(of(quantity, name) - value), `${quantity} of ${name} at ${at}`).toBeLessThan(
              1e-6 * value + 1e-14,
            );
          }
        }
      }
    } finally {
      await device.close();
    }
  });
});

/** Mean and biased variance of each channel of [N, C, H, W]. */
function channelMoments(values: Float64Array, [N = 0, C = 0, H = 0, W = 0]: readonly number[]) {
  return Array.from({ length: C }, (_, c) => {
    const own = [...values].filter((_value, i) => Math.floor(i / (H * W)) % C === c);
    expect(own).toHaveLength(N * H * W);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    return { mean, variance: own.reduce((a, b) => a + (b - mean) ** 2, 0) / own.length };
  });
}
