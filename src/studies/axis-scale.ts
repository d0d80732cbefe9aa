/** @file The scale that shows values best. */

import type { Axis } from './figure.ts';

/** Over values further apart than this a linear axis shows one end alone. */
const WIDE = 30;

/** Logarithmic where all are positive and far apart; what is not finite is left out. */
export function scaleOf(values: readonly number[]): Axis['scale'] {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = finite.reduce((most, value) => Math.max(most, value), 0);
  return low > 0 && high / low > WIDE ? 'log' : 'linear';
}
