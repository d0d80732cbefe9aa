import { affine } from './affine.ts';
import type { Norm } from './norm.ts';
import { divideByRootMeanSquare, viewByPools } from './pools.ts';

/**
 * Root mean square normalisation (zhang2019, eq. 4): each example by the root of its mean square; no centring and no beta.
 * The paper's bias, which follows the norm, is the layer's own.
 */
export const rms: Norm = {
  title: 'root mean square normalisation',
  formula: 'y = gamma x / √(mean x² + epsilon), per example over all channels and pixels',
  paper: 'zhang2019',
  invariances: ['scale', 'exampleScale'],
  pools: { batch: 'none', channels: 'all', space: true },
  leastPooled: 1,
  shift: () => 'behind',
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const view = viewByPools(network, name, x, rms, settings);
      return affine(network, divideByRootMeanSquare(network.g, view, settings.epsilon), { ...settings, beta: false });
    }),
};
