/** @file Small symmetric matrices by Cholesky's decomposition, which exists just for the positive definite ones. */

import { ShapeError } from '../errors.ts';

/**
 * The solution of A x = b for a symmetric A [n, n], or undefined where A is not positive definite.
 * @param matrix - row by row, of which the lower triangle is read
 * @throws {ShapeError} unless the matrix has n² entries for n numbers on the right
 */
export function solvePositiveDefinite(matrix: Float64Array, right: Float64Array): Float64Array | undefined {
  const n = right.length;
  if (matrix.length !== n * n) {
    throw new ShapeError(`A system with ${n} right sides must have ${n * n} entries, got ${matrix.length}`);
  }
  const lower = new Float64Array(n * n);
  const at = (data: Float64Array, i: number, k: number): number => data[i * n + k] as number;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let rest = at(matrix, i, k);
      for (let j = 0; j < k; j++) rest -= at(lower, i, j) * at(lower, k, j);
      if (i === k && !(rest > 0)) return undefined;
      lower[i * n + k] = i === k ? Math.sqrt(rest) : rest / at(lower, k, k);
    }
  }
  const x = right.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = (x[i] as number) - at(lower, i, k) * (x[k] as number);
    x[i] = (x[i] as number) / at(lower, i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = (x[i] as number) - at(lower, k, i) * (x[k] as number);
    x[i] = (x[i] as number) / at(lower, i, i);
  }
  return x;
}

/** shift · I − A, for a matrix A [n, n] row by row. */
export function shiftedNegative(matrix: Float64Array, n: number, shift: number): Float64Array {
  return matrix.map((value, i) => (i % (n + 1) === 0 ? shift - value : -value));
}

/**
 * ‖X‖₂ of X [rows, columns], to about 1e-15 of it: the least s for which s² I − X Xᵀ is positive definite, by bisection
 * from ‖X‖_F.
 */
export function spectralNorm(x: Float64Array, rows: number): number {
  const columns = x.length / rows;
  const gram = Float64Array.from({ length: rows * rows }, (_, i) => {
    const [r, s] = [Math.floor(i / rows) * columns, (i % rows) * columns];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += (x[r + k] as number) * (x[s + k] as number);
    return sum;
  });
  let [low, high] = [0, Math.sqrt(gram.reduce((sum, value, i) => (i % (rows + 1) === 0 ? sum + value : sum), 0))];
  const zero = new Float64Array(rows);
  for (let i = 0; i < 52; i++) {
    const middle = (low + high) / 2;
    if (solvePositiveDefinite(shiftedNegative(gram, rows, middle * middle), zero) === undefined) low = middle;
    else high = middle;
  }
  return high;
}
