/** @file Batch normalisation with the variance of one pass over the data, as write-ups and some kernels have it. */

import { add, div, mul, reduceMean, sub } from '../graph/arithmetic.ts';
import { composedOf } from './batch-composed.ts';
import { SPREAD } from './pools.ts';
import type { Norm } from './norm.ts';

/**
 * `batch` with variance = mean x² − mean², which equals the centred form in exact arithmetic and cancels in floating point
 * where |mean| ≫ σ: the relative error of the variance is about 2⁻²⁴ (mean/σ)² in float32.
 */
export const batchOnePass: Norm = composedOf(
  'batch normalisation, variance in one pass',
  (g, { x, axes, note }, epsilon) => {
    const mean = reduceMean(g, x, axes, true);
    const square = reduceMean(g, mul(g, x, x), axes, true);
    const variance = sub(g, square, mul(g, mean, mean));
    note(variance, SPREAD);
    return { mean, variance, normalised: div(g, sub(g, x, mean), g.emit('Sqrt', [add(g, variance, epsilon)])) };
  },
);
