/** @file Batch normalisation as its definition reads, in primitive ops that are differentiated automatically. */

import { add, alongChannels, div, mul, poolAxes, reduceMean, reshape, sub } from '../graph/arithmetic.ts';
import { batch, batchVectors, normaliseByRunning, pooledCount, updateRunning } from './batch.ts';
import type { Norm } from './norm.ts';

/**
 * The same function as `batch`, without its fused op: slower, and the yardstick that the hand-derived backward pass is
 * held to.
 */
export const batchComposed: Norm = {
  ...batch,
  title: 'batch normalisation, composed of primitive operations',
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const { g } = network;
      const vectors = batchVectors(network, x, settings);
      if (network.mode === 'eval') return normaliseByRunning(network, x, vectors, settings);
      const m = pooledCount(name, x);
      const axes = poolAxes(x);
      const mean = reduceMean(g, x, axes, true);
      const centred = sub(g, x, mean);
      const variance = reduceMean(g, mul(g, centred, centred), axes, true);
      const normalised = div(g, centred, g.emit('Sqrt', [add(g, variance, settings.epsilon)]));
      if (network.mode === 'train') {
        const { shape } = vectors.runningMean;
        updateRunning(network, vectors, reshape(g, mean, shape), reshape(g, variance, shape), m, settings);
      }
      const rank = x.shape.length;
      const scaled = mul(g, normalised, alongChannels(g, vectors.gamma, rank));
      return add(g, scaled, alongChannels(g, vectors.beta, rank));
    }),
};
