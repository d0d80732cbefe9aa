import { add, alongChannels, axesOf, mul, reduceMean, reshape } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { batch, batchVectors, normaliseByRunning, updateRunning } from './batch.ts';
import type { Norm } from './norm.ts';
import { standardise, viewByPools } from './pools.ts';

/**
 * Ghost batch normalisation (hoffer2017, Algorithm 1): batch norm over runs of `ghostSize` examples, each by itself.
 * Differs: running statistics take the average over the ghost batches of a step, where the paper blends them in turn.
 */
export const ghostBatch: Norm = {
  ...batch,
  title: 'ghost batch normalisation',
  formula:
    'y = gamma (x − mean) / √(variance + epsilon) + beta, per channel over ghostSize examples and all pixels, biased variance',
  paper: 'hoffer2017',
  pools: { batch: 'ghost', channels: 'none', space: true },
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const { g } = network;
      const vectors = batchVectors(network, x, settings);
      if (network.mode === 'eval') return normaliseByRunning(network, x, vectors, settings);
      const view = viewByPools(network, name, x, ghostBatch, settings);
      const { mean, variance, normalised } = standardise(g, view, settings.epsilon);
      const { shape } = vectors.runningMean;
      // Over ghosts, the first axis; what was pooled is of size 1.
      const average = (value: Value): Value => reshape(g, reduceMean(g, value, axesOf(value).slice(0, 1)), shape);
      const statistics = { mean: average(mean), variance: average(variance), count: view.count };
      updateRunning(network, vectors, statistics, settings);
      const rank = x.shape.length;
      const scaled = mul(g, reshape(g, normalised, x.shape), alongChannels(g, vectors.gamma, rank));
      return add(g, scaled, alongChannels(g, vectors.beta, rank));
    }),
};
