import { affine, betaOrBias } from './affine.ts';
import type { Norm } from './norm.ts';
import { standardise, viewByPools } from './pools.ts';

/**
 * Layer normalisation (ba2016, eq. 3): each example by the mean and biased variance of all its channels and pixels.
 * Differs: gamma and beta are per channel also for images, where PyTorch has one per element; on features they agree.
 */
export const layer: Norm = {
  title: 'layer normalisation',
  formula:
    'y = gamma (x − mean) / √(variance + epsilon) + beta, per example over all channels and pixels, biased variance',
  paper: 'ba2016',
  invariances: ['scale', 'exampleScale', 'exampleShift'],
  pools: { batch: 'none', channels: 'all', space: true },
  leastPooled: 2,
  shift: betaOrBias,
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const { normalised } = standardise(network.g, viewByPools(network, name, x, layer, settings), settings.epsilon);
      return affine(network, normalised, settings);
    }),
};
