/** @file Batch norm as a reparametrisation, and least squares in its terms: closed forms, in plain loops. */

import { innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';

/** Σₙ (xₙ − c)(xₙ − c)ᵀ / N as rows, of x [N, D] by rows; c is the mean of x, or 0 where `centred` is false. */
export function secondMoments(x: Float64Array, size: number, centred: boolean): readonly Float64Array[] {
  const count = x.length / size;
  const mean = new Float64Array(size);
  if (centred) x.forEach((value, at) => (mean[at % size] = (mean[at % size] as number) + value / count));
  const rows = Array.from({ length: size }, () => new Float64Array(size));
  for (let n = 0; n < count; n++) {
    const row = x.subarray(n * size, (n + 1) * size).map((value, i) => value - (mean[i] as number));
    rows.forEach((sums, i) =>
      row.forEach((value, j) => (sums[j] = (sums[j] as number) + ((row[i] as number) * value) / count)),
    );
  }
  return rows;
}

/** S w. */
function times(matrix: readonly Float64Array[], w: ArrayLike<number>): Float64Array {
  return Float64Array.from(matrix, (row) => innerProduct(row, w));
}

/** w̃ = gamma w / (wᵀ S w)^{1/2}, the weight of the linear layer that batch norm amounts to. */
export function effectiveWeight(w: Float64Array, gamma: number, moments: readonly Float64Array[]): Float64Array {
  const length = Math.sqrt(innerProduct(w, times(moments, w)));
  return w.map((value) => (gamma * value) / length);
}

/** Least squares ½ E(t − xᵀw̃)² with u = E[x t] and S = E[x xᵀ]. */
export interface LeastSquares {
  readonly moments: readonly Float64Array[];
  readonly correlation: Float64Array;
  /** ½ E t². */
  readonly half: number;
}

/** @param x - [N, D] by rows, of mean 0 */
export function leastSquares(x: Float64Array, t: Float64Array, size: number): LeastSquares {
  const correlation = Float64Array.from({ length: size }, (_, i) =>
    t.reduce((sum, value, n) => sum + (value * (x[n * size + i] as number)) / t.length, 0),
  );
  return { moments: secondMoments(x, size, false), correlation, half: innerProduct(t, t) / (2 * t.length) };
}

/**
 * The best length for a direction w, gamma = uᵀw/(wᵀSw)^{1/2}; the loss it leaves, ½ E t² − (uᵀw)²/(2 wᵀSw); and the
 * gradient of that with respect to w, −(uᵀw/wᵀSw)(u − (uᵀw/wᵀSw) S w).
 */
export function bestLength(
  { moments, correlation, half }: LeastSquares,
  w: Float64Array,
): { readonly gamma: number; readonly loss: number; readonly gradient: Float64Array } {
  const stretched = times(moments, w);
  const square = innerProduct(w, stretched);
  const overlap = innerProduct(correlation, w);
  const ratio = overlap / square;
  return {
    gamma: overlap / Math.sqrt(square),
    loss: half - squareOf(overlap) / (2 * square),
    gradient: correlation.map((value, i) => -ratio * (value - ratio * (stretched[i] as number))),
  };
}

/**
 * The step of the adaptive method on the loss ℓ(w) = ½ E t² + ρ(w)/2, ρ = −(uᵀw)²/wᵀSw: (wᵀSw)²/(L (uᵀw)²), that is
 * wᵀSw/(2 L |ρ|) for the gradient of ρ, L the largest eigenvalue of S.
 *
 * With c = wᵀSw/uᵀw and w* = S⁻¹u it leads to w − S(w − c w*)/L, so that the distance to c w* shrinks by I − S/L. As w is
 * S-orthogonal to w − c w*, the sine of the S-angle between w and w* is ‖w − c w*‖_S/‖c w*‖_S; after the step it is at
 * most the same with the new w. Hence Δ = ρ − ρ*, which is ‖w*‖²_S times the square of the sine, shrinks by at least
 * (1 − μ/L)² at each step, μ the smallest eigenvalue.
 */
export function adaptiveStep({ moments, correlation }: LeastSquares, w: Float64Array, largest: number): number {
  const square = innerProduct(w, times(moments, w));
  return squareOf(square) / (largest * squareOf(innerProduct(correlation, w)));
}
