/** @file How the scale-free sharpness of scale-invariant weights changes once they are at the edge of stability (lyu2022). */

import { leastSquaresSlope } from '../../math/statistics.ts';
import type { Series } from '../../records/records.ts';

/**
 * The step at which a curvature × rate/2 comes to the edge: its first value of `arrival` or more once it is no longer above
 * `high`. A training that starts far beyond the edge is first thrown off it, and that fall of its sharpness would decide any
 * slope by itself. NaN where it never comes.
 */
export function arrivalStep(
  { x, y }: Series,
  { arrival, high }: { readonly arrival: number; readonly high: number },
): number {
  const settled = y.findIndex((value) => value <= high);
  const found = settled < 0 ? -1 : y.findIndex((value, i) => i >= settled && value >= arrival);
  return x[found] ?? Number.NaN;
}

/**
 * Slope of ln(value) per 1000 steps from a step on; NaN where fewer than `least` values are left, one of them is not positive,
 * or the step is none.
 */
export function logSlope({ x, y }: Series, from: number, least: number): number {
  const late = x.flatMap((step, i) => (step >= from ? [[step / 1000, y[i] ?? Number.NaN] as const] : []));
  if (late.length < least || late.some(([, value]) => !(value > 0 && value < Number.POSITIVE_INFINITY)))
    return Number.NaN;
  return leastSquaresSlope(
    late.map(([step]) => step),
    late.map(([, value]) => Math.log(value)),
  );
}
