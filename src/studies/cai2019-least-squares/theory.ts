/** @file What the theory says about least squares: the spectrum, before and after batch normalisation. */

import { squareOf } from '../../math/power.ts';

/**
 * The effective condition number κ* of least squares with batch norm: largest over smallest non-zero eigenvalue of
 * H* = H − H u uᵀ H / (uᵀ H u) (cai2019), for diagonal H. H* has the eigenvalue 0 and one between each two neighbours of
 * H, where 1 = Σ_i z_i² / (λ_i − μ) with z = H u / √(uᵀ H u); hence κ* ≤ κ, and κ* = 1 in two dimensions.
 * @param eigenvalues - λ, ascending, all different, at least 2
 * @param solution - u, no entry 0
 */
export function effectiveCondition(eigenvalues: readonly number[], solution: ArrayLike<number>): number {
  const energy = eigenvalues.reduce((sum, value, i) => sum + value * squareOf(solution[i] as number), 0);
  const squares = eigenvalues.map((value, i) => squareOf(value * (solution[i] as number)) / energy);
  /** Grows from −∞ to ∞ between neighbours. */
  const secular = (mu: number): number =>
    eigenvalues.reduce((sum, value, i) => sum + (squares[i] as number) / (value - mu), -1);
  const between = (at: number): number => {
    let [low, high] = [eigenvalues[at] as number, eigenvalues[at + 1] as number];
    // 60 halvings leave less than rounding of the interval.
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (secular(middle) < 0) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return between(eigenvalues.length - 2) / between(0);
}

/** The rate above which plain gradient descent on a quadratic diverges: 2/λ_max. */
export function stabilityLimit(eigenvalues: readonly number[]): number {
  return 2 / Math.max(...eigenvalues);
}
