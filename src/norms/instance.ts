import { affine, betaOrBias } from './affine.ts';
import type { Norm } from './norm.ts';
import { standardise, viewByPools } from './pools.ts';

/**
 * Instance normalisation (ulyanov2016, eq. 3): each channel of each example by the mean and biased variance of its pixels.
 * Differs: it learns gamma and beta unless told otherwise; PyTorch's layer leaves them out by default.
 */
export const instance: Norm = {
  title: 'instance normalisation',
  formula:
    'y = gamma (x − mean) / √(variance + epsilon) + beta, per example and channel over all pixels, biased variance',
  paper: 'ulyanov2016',
  invariances: ['shift', 'exampleShift', 'scale', 'channelScale', 'exampleScale'],
  pools: { batch: 'none', channels: 'none', space: true },
  leastPooled: 2,
  shift: betaOrBias,
  centresChannels: true,
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const view = viewByPools(network, name, x, instance, settings);
      return affine(network, standardise(network.g, view, settings.epsilon).normalised, settings);
    }),
};
