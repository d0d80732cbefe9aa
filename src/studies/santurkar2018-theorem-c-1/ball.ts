/**
 * @file The largest uᵀHu over all u = X Xᵀ v with ‖X‖ ≤ λ. As X Xᵀ is any positive semi-definite matrix of norm at most λ²,
 * these u are the ball through 0 and λ² v around c = λ² v/2, and the maximum is a trust-region problem, which is solved
 * globally: (μI − H) s = H c with the μ for which ‖s‖ is the radius and μI − H is positive definite.
 */

import { shiftedNegative, solvePositiveDefinite } from '../../math/cholesky.ts';
import { euclideanNorm, innerProduct } from '../../math/inner-product.ts';

export interface BallMaximum {
  /** Where it is attained, on the sphere: 0 itself lies on it, and is the best where H curves nowhere up. */
  readonly at: Float64Array;
  /** The dual value cᵀHc + μ r² + (Hc)ᵀ s at that μ: no u of the ball has more. */
  readonly bound: number;
}

/**
 * @param hessian - [m, m] row by row, symmetric
 * @param v - not 0
 */
export function maximumOverBall(hessian: Float64Array, v: Float64Array, lambda: number): BallMaximum {
  const m = v.length;
  const centre = v.map((value) => (lambda * lambda * value) / 2);
  const radius = euclideanNorm(centre);
  const bent = multiply(hessian, centre);
  // ‖s‖ ≤ ‖Hc‖/(μ − largest eigenvalue), so that the upper end is wide enough, and ‖s‖ falls as μ rises.
  let [low, high] = [0, euclideanNorm(hessian) + euclideanNorm(bent) / radius];
  const solve = (mu: number): Float64Array | undefined => solvePositiveDefinite(shiftedNegative(hessian, m, mu), bent);
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    const step = solve(middle);
    if (step === undefined || euclideanNorm(step) > radius) low = middle;
    else high = middle;
  }
  const step = solve(high) ?? new Float64Array(m);
  const at = centre.map((value, i) => value + (step[i] as number));
  return { at, bound: innerProduct(centre, bent) + high * radius * radius + innerProduct(bent, step) };
}

function multiply(matrix: Float64Array, v: Float64Array): Float64Array {
  const n = v.length;
  return v.map((_, i) => innerProduct(matrix.subarray(i * n, (i + 1) * n), v));
}
