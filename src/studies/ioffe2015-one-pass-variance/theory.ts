/**
 * @file How far rounding can take a variance, whatever the order of its sums. Notation: u is the unit roundoff, m the number
 * of values, and γ(k) = k u/(1 − k u) bounds the relative error of k roundings in a row. A sum of m terms costs each of
 * them at most m − 1 roundings, a mean two more (1/m is rounded, then multiplied).
 */

import { squareOf } from '../../math/power.ts';

/** Unit roundoff: half the distance from 1 to the next number. */
export const roundoff: Readonly<Record<'float32' | 'float64', number>> = { float32: 2 ** -24, float64: 2 ** -53 };

function gamma(k: number, u: number): number {
  return (k * u) / (1 - k * u);
}

/**
 * Bound of the relative error of mean(x²) − mean², for r = mean/σ: the mean of squares carries m + 2 roundings, the squared
 * mean 2 (m + 1) + 1, each of at most mean(x²) = σ² (1 + r²), and the difference one more: γ(3m + 6) (1 + r²).
 */
export function onePassBound(m: number, r: number, u: number): number {
  return gamma(3 * m + 6, u) * (1 + r * r);
}

/**
 * Bound of the relative error of mean((x − mean)²), for r = mean/σ: the mean is off by e ≤ γ(m + 1) √mean(x²), which adds
 * e² to the exact sum, and a subtraction, a square and a mean carry m + 4 roundings: with e²/σ² ≤ γ(m + 1)² (1 + r²),
 * γ(m + 4) (1 + e²/σ²) + e²/σ². The term in r² has u², not u.
 */
export function centredBound(m: number, r: number, u: number): number {
  const shift = squareOf(gamma(m + 1, u)) * (1 + r * r);
  return gamma(m + 4, u) * (1 + shift) + shift;
}
