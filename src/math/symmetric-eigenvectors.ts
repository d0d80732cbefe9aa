/**
 * @file Eigenvalues and eigenvectors of small symmetric matrices by Jacobi's rotations (Golub and Van Loan, Matrix
 * Computations, section 8.5): slower than QL, and each eigenvector is right to rounding. For eigenvalues alone, or more
 * than some hundred rows, see symmetric-eigenvalues.ts.
 */

import { NumericError, ShapeError } from '../errors.ts';

/** Convergence is quadratic: matrices of a hundred rows take about ten. */
const MOST_SWEEPS = 50;

export interface Eigenvectors {
  /** Ascending. */
  readonly values: Float64Array;
  /** Of length 1, in the order of the values. */
  readonly vectors: readonly Float64Array[];
}

/**
 * @param matrix - [n, n] row by row, symmetric
 * @throws {ShapeError} unless the matrix has n · n entries
 * @throws {NumericError} for an entry that is not finite
 */
export function symmetricEigenvectors(matrix: Float64Array, n: number): Eigenvectors {
  if (matrix.length !== n * n) {
    throw new ShapeError(`A square matrix of ${n} rows must have ${n * n} entries, got ${matrix.length}`);
  }
  if (!matrix.every(Number.isFinite)) {
    throw new NumericError('Cannot compute eigenvectors: every entry of the matrix must be finite');
  }
  const a = Array.from({ length: n }, (_, i) => matrix.slice(i * n, (i + 1) * n));
  const vectors = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  const at = (i: number, j: number): number => a[i]?.[j] as number;
  const negligible = Number.EPSILON * matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let isDiagonal = true;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(at(p, q)) <= negligible / n) continue;
        isDiagonal = false;
        const { cosine, sine } = rotationFor(at(p, p), at(p, q), at(q, q));
        for (const row of a) rotate(row, p, q, cosine, sine);
        rotateRows(a, p, q, cosine, sine);
        rotateRows(vectors, p, q, cosine, sine);
        // Known to be zero, which rounding need not give.
        (a[p] as Float64Array)[q] = 0;
        (a[q] as Float64Array)[p] = 0;
      }
    }
    if (isDiagonal) break;
    if (sweep === MOST_SWEEPS - 1) throw new NumericError(`Rotations must converge within ${MOST_SWEEPS} sweeps`);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => at(i, i) - at(j, j));
  return {
    values: Float64Array.from(order, (i) => at(i, i)),
    vectors: order.map((i) => vectors[i] as Float64Array),
  };
}

/** The rotation that makes [[pp, pq], [pq, qq]] diagonal by the smaller angle. */
function rotationFor(pp: number, pq: number, qq: number): { readonly cosine: number; readonly sine: number } {
  const tau = (qq - pp) / (2 * pq);
  const tangent = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const cosine = 1 / Math.hypot(1, tangent);
  return { cosine, sine: tangent * cosine };
}

function rotate(row: Float64Array, p: number, q: number, cosine: number, sine: number): void {
  const [x, y] = [row[p] as number, row[q] as number];
  row[p] = cosine * x - sine * y;
  row[q] = sine * x + cosine * y;
}

function rotateRows(rows: readonly Float64Array[], p: number, q: number, cosine: number, sine: number): void {
  const [x, y] = [rows[p] as Float64Array, rows[q] as Float64Array];
  for (let k = 0; k < x.length; k++) {
    const [u, v] = [x[k] as number, y[k] as number];
    x[k] = cosine * u - sine * v;
    y[k] = sine * u + cosine * v;
  }
}
