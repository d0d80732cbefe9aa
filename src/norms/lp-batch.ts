/** @file Batch norms that divide by another mean of the batch than its standard deviation. */

import { alongChannels, div, reshape, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { affine, state } from './affine.ts';
import { batch, blendInto } from './batch.ts';
import type { Norm } from './norm.ts';
import { centre, type PoolView, viewByPools } from './pools.ts';

/**
 * y = gamma (x − mean) / n_p + beta (santurkar2018, section 3.3), n_p = (mean |x|^p)^(1/p) of the values before they are
 * centred. Running statistics hold the mean and n_p, `runningScale`; no estimator of n_p is corrected for bias.
 * @param size - n_p of each pool, axes kept, with epsilon in it so that nothing is divided by zero
 */
export function lpBatch(
  about: Pick<Norm, 'title' | 'formula'>,
  size: (g: GraphBuilder, view: PoolView, epsilon: number) => Value,
): Norm {
  const norm: Norm = {
    ...batch,
    ...about,
    paper: 'santurkar2018',
    invariances: ['scale', 'channelScale'],
    build: (network, name, x, settings) =>
      network.g.inScope(name, () => {
        const { g, mode } = network;
        const shape = [sizeAt(x.shape, 1)];
        const runningMean = state(network, 'runningMean', shape, 0);
        const runningScale = state(network, 'runningScale', shape, 1);
        if (mode === 'eval') {
          const wide = (vector: Value): Value => alongChannels(g, vector, x.shape.length);
          return affine(network, div(g, sub(g, x, wide(runningMean)), wide(runningScale)), settings);
        }
        const view = viewByPools(network, name, x, norm, settings);
        const { mean, centred } = centre(g, x, view.axes);
        const scale = size(g, view, settings.epsilon);
        view.note(scale, 'the size of its input');
        blendInto(network, runningMean, reshape(g, mean, shape), settings.momentum, 1);
        blendInto(network, runningScale, reshape(g, scale, shape), settings.momentum, 1);
        return affine(network, div(g, centred, scale), settings);
      }),
  };
  return norm;
}
