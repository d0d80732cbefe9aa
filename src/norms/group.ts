import { reshape } from '../graph/arithmetic.ts';
import { affine, betaOrBias } from './affine.ts';
import type { Norm } from './norm.ts';
import { standardise, viewByPools } from './pools.ts';

/** Group normalisation (wu2018, eq. 7): each example by the moments of `groups` runs of neighbouring channels. */
export const group: Norm = {
  title: 'group normalisation',
  formula:
    'y = gamma (x − mean) / √(variance + epsilon) + beta, per example and group of channels over their pixels, biased variance',
  paper: 'wu2018',
  invariances: ['scale', 'exampleScale', 'exampleShift'],
  pools: { batch: 'none', channels: 'group', space: true },
  leastPooled: 2,
  shift: betaOrBias,
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const view = viewByPools(network, name, x, group, settings);
      const { normalised } = standardise(network.g, view, settings.epsilon);
      return affine(network, reshape(network.g, normalised, x.shape), settings);
    }),
};
