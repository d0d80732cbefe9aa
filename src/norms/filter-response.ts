import { add, alongChannels, sub } from '../graph/arithmetic.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { affine, betaOrBias, parameter } from './affine.ts';
import type { Norm } from './norm.ts';
import { divideByRootMeanSquare, viewByPools } from './pools.ts';

/**
 * Filter response normalisation with its thresholded linear unit (singh2020, eq. 1 and 3): each channel of each example
 * by the root mean square of its pixels, no centring; then max(y, tau) with a tau learnt per channel in place of ReLU.
 * Differs: epsilon is a setting, not learnt.
 */
export const filterResponse: Norm = {
  title: 'filter response normalisation',
  formula: 'y = gamma x / √(mean x² + epsilon) + beta, per example and channel over all pixels; then max(y, tau)',
  paper: 'singh2020',
  invariances: ['scale', 'channelScale', 'exampleScale'],
  pools: { batch: 'none', channels: 'none', space: true },
  leastPooled: 2,
  shift: betaOrBias,
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const view = viewByPools(network, name, x, filterResponse, settings);
      return affine(network, divideByRootMeanSquare(network.g, view, settings.epsilon), settings);
    }),
  activation: (network, name, x) =>
    network.g.inScope(name, () => {
      const { g } = network;
      const tau = alongChannels(g, parameter(network, 'tau', [sizeAt(x.shape, 1)], 0), x.shape.length);
      return add(g, g.emit('Relu', [sub(g, x, tau)]), tau);
    }),
};
