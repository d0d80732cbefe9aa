import type { Norm } from './norm.ts';

/** No normalisation: the arm that papers call standard. */
export const none: Norm = {
  title: 'no normalisation',
  formula: 'y = x',
  paper: undefined,
  invariances: [],
  pools: undefined,
  leastPooled: 1,
  shift: () => 'linear',
  build: (_network, _name, x) => x,
};
