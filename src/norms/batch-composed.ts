/** @file Batch normalisation as its definition reads, in primitive ops that are differentiated automatically. */

import { add, alongChannels, mul, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { batch, batchVectors, normaliseByRunning, updateRunning } from './batch.ts';
import type { Norm } from './norm.ts';
import { type PoolView, standardise, viewByPools } from './pools.ts';

/**
 * The same function as `batch`, without its fused op: slower, and the yardstick that the hand-derived backward pass is
 * held to.
 */
export const batchComposed: Norm = composedOf('batch normalisation, composed of primitive operations', standardise);

/**
 * Batch norm with statistics and normalised values made by a function of its own. They are noted in the network as
 * `<layer>/mean`, `/variance` [1, C, 1, …] and `/normalised`.
 */
export function composedOf(
  title: string,
  normalise: (
    g: GraphBuilder,
    view: PoolView,
    epsilon: number,
  ) => Readonly<Record<'mean' | 'variance' | 'normalised', Value>>,
): Norm {
  return {
    ...batch,
    title,
    build: (network, name, x, settings) =>
      network.g.inScope(name, () => {
        const { g } = network;
        const vectors = batchVectors(network, x, settings);
        if (network.mode === 'eval') return normaliseByRunning(network, x, vectors, settings);
        const view = viewByPools(network, name, x, batch, settings);
        const made = normalise(g, view, settings.epsilon);
        for (const [quantity, value] of Object.entries(made)) network.quantities.set(`${name}/${quantity}`, value);
        const { shape } = vectors.runningMean;
        const [mean, variance] = [reshape(g, made.mean, shape), reshape(g, made.variance, shape)];
        updateRunning(network, vectors, { mean, variance, count: view.count }, settings);
        const rank = x.shape.length;
        const scaled = mul(g, made.normalised, alongChannels(g, vectors.gamma, rank));
        return add(g, scaled, alongChannels(g, vectors.beta, rank));
      }),
  };
}
