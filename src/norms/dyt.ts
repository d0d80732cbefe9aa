import { mul } from '../graph/arithmetic.ts';
import { affine, betaOrBias, parameter } from './affine.ts';
import type { Norm } from './norm.ts';

/** Where the paper starts alpha (zhu2025, section 4). */
const INITIAL_ALPHA = 0.5;

/** Dynamic tanh (zhu2025, eq. 4): no statistic at all; alpha is one learnt number per layer. */
export const dyt: Norm = {
  title: 'dynamic tanh',
  formula: 'y = gamma tanh(alpha x) + beta, with one alpha per layer',
  paper: 'zhu2025',
  invariances: [],
  pools: undefined,
  leastPooled: 1,
  shift: betaOrBias,
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const { g } = network;
      const alpha = parameter(network, 'alpha', [1], INITIAL_ALPHA);
      return affine(network, g.emit('Tanh', [mul(g, x, alpha)]), settings);
    }),
};
