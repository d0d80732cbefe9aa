/**
 * @file Eigenvalues of symmetric matrices, without vectors: Householder's reduction to three diagonals, then implicit QL
 * (Golub and Van Loan, Matrix Computations, sections 8.3.1 and 8.3.3; the order of rows is that of EISPACK's tred1).
 * Our own because of size: at 1000 rows this takes about half a second, where the library that the tests compare with
 * takes eight, most of them for vectors that nobody asked for.
 */

import { NumericError, ShapeError } from '../errors.ts';
import { squareOf } from './power.ts';

/** Rows reduced between two pauses: some ten milliseconds at 1000 rows. */
const rowsPerPause = 32;

/** QL takes about 1.7 sweeps per eigenvalue; EISPACK gives up at 30. */
const mostSweeps = 30;

/**
 * All eigenvalues of a symmetric matrix, ascending, each with an absolute error of about n · 1e-16 times the largest.
 * @param matrix - [n, n] row by row, of which the lower triangle is read
 * @param pause - awaited now and then, so that a long reduction gives way to others
 * @throws {ShapeError} unless the matrix has n · n entries
 * @throws {NumericError} for an entry that is not finite
 */
export async function symmetricEigenvalues(
  matrix: Float64Array,
  n: number,
  pause: () => Promise<void> = async () => undefined,
): Promise<Float64Array> {
  if (matrix.length !== n * n) {
    throw new ShapeError(`A square matrix of ${n} rows must have ${n * n} entries, got ${matrix.length}`);
  }
  if (!matrix.every(Number.isFinite)) {
    throw new NumericError('Cannot compute eigenvalues: every entry of the matrix must be finite');
  }
  const { diagonal, below } = await reduceToTridiagonal(matrix.slice(), n, pause);
  solveTridiagonal(diagonal, below);
  return diagonal.sort();
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** `below[i]` couples rows i and i + 1; the last is 0. */
  readonly below: Float64Array;
}

/**
 * Reflects the last row, then the one before it, and so on. A reflection I − v vᵀ/h changes what is left of A by
 * −(v qᵀ + q vᵀ) with q = p − (vᵀp / 2h) v, p = A v / h. That change is put off and made in the same pass over the rows
 * as the next product A v: the pass is bound by memory, and one is half as many as two. `a` is overwritten.
 */
async function reduceToTridiagonal(a: Float64Array, n: number, pause: () => Promise<void>): Promise<Tridiagonal> {
  const diagonal = new Float64Array(n);
  const below = new Float64Array(n);
  let [v, next] = [new Float64Array(n), new Float64Array(n)];
  const q = new Float64Array(n);
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const row = a.subarray(i * n, i * n + i + 1);
    changeRow(row, v, q);
    diagonal[i] = row[i] as number;
    const { coupling, h } = reflect(row, i, next);
    below[i - 1] = coupling;
    for (let j = 0; j < i; j++) changeAndMultiplyRow(a.subarray(j * n, j * n + j + 1), v, q, next, p);
    let product = 0;
    for (let k = 0; k < i; k++) product += (next[k] as number) * (p[k] as number);
    const scale = h === 0 ? 0 : 1 / h;
    for (let k = 0; k < i; k++) q[k] = scale * ((p[k] as number) - 0.5 * scale * product * (next[k] as number));
    [v, next] = [next, v];
    if (i % rowsPerPause === 0) await pause();
  }
  diagonal[0] = n === 0 ? 0 : (a[0] as number);
  return { diagonal, below };
}

/** v with (I − v vᵀ/h) x = (0, …, 0, coupling) for x the first i entries of a row; h = 0 and v = 0 where x is so already. */
function reflect(row: Float64Array, i: number, v: Float64Array): { readonly coupling: number; readonly h: number } {
  const last = row[i - 1] as number;
  // Scaled, so that squares neither overflow nor vanish.
  let scale = 0;
  for (let k = 0; k < i - 1; k++) scale = Math.max(scale, Math.abs(row[k] as number));
  if (scale === 0) {
    v.fill(0, 0, i);
    return { coupling: last, h: 0 };
  }
  scale = Math.max(scale, Math.abs(last));
  let squares = 0;
  for (let k = 0; k < i; k++) {
    v[k] = (row[k] as number) / scale;
    squares += squareOf(v[k] as number);
  }
  const f = v[i - 1] as number;
  const g = f >= 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  v[i - 1] = f - g;
  return { coupling: scale * g, h: squares - f * g };
}

/** The row of lower triangle that ends at column j, changed by −(v_j q + q_j v). */
function changeRow(row: Float64Array, v: Float64Array, q: Float64Array): void {
  const j = row.length - 1;
  const [vj, qj] = [v[j] as number, q[j] as number];
  for (let k = 0; k <= j; k++) row[k] = (row[k] as number) - vj * (q[k] as number) - qj * (v[k] as number);
}

/** The same, and its share of p = A w: row j times w, and column j, which the row is too, times w_j. */
function changeAndMultiplyRow(
  row: Float64Array,
  v: Float64Array,
  q: Float64Array,
  w: Float64Array,
  p: Float64Array,
): void {
  const j = row.length - 1;
  const [vj, qj, wj] = [v[j] as number, q[j] as number, w[j] as number];
  let sum = 0;
  for (let k = 0; k < j; k++) {
    const value = (row[k] as number) - vj * (q[k] as number) - qj * (v[k] as number);
    row[k] = value;
    sum += value * (w[k] as number);
    p[k] = (p[k] as number) + value * wj;
  }
  row[j] = (row[j] as number) - 2 * vj * qj;
  p[j] = sum + (row[j] as number) * wj;
}

/** Implicit QL: leaves the eigenvalues in `diagonal`, in no order, and zeros in `below`. */
function solveTridiagonal(diagonal: Float64Array, below: Float64Array): void {
  const n = diagonal.length;
  const d = (i: number): number => diagonal[i] as number;
  const e = (i: number): number => below[i] as number;
  // Measured by the whole matrix: among eigenvalues that are rounding already, a finer measure would never be met.
  const negligible =
    Number.EPSILON * diagonal.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(e(i))), 0);
  for (let first = 0; first < n; first++) {
    for (let sweep = 0; ; sweep++) {
      let last = first;
      while (last < n - 1 && Math.abs(e(last)) > negligible) last++;
      if (last === first) break;
      if (sweep === mostSweeps) throw new NumericError(`QL must converge within ${mostSweeps} sweeps per eigenvalue`);
      // Wilkinson's shift from the leading 2 × 2 block.
      const ratio = (d(first + 1) - d(first)) / (2 * e(first));
      let g = d(last) - d(first) + e(first) / (ratio + Math.sign(ratio || 1) * Math.hypot(ratio, 1));
      let [sine, cosine, shift] = [1, 1, 0];
      let i = last - 1;
      for (; i >= first; i--) {
        const f = sine * e(i);
        const b = cosine * e(i);
        const r = Math.hypot(f, g);
        below[i + 1] = r;
        if (r === 0) {
          // The matrix has split here: what was done so far stands.
          diagonal[i + 1] = d(i + 1) - shift;
          below[last] = 0;
          break;
        }
        [sine, cosine] = [f / r, g / r];
        g = d(i + 1) - shift;
        const t = (d(i) - g) * sine + 2 * cosine * b;
        shift = sine * t;
        diagonal[i + 1] = g + shift;
        g = cosine * t - b;
      }
      if (i >= first) continue;
      diagonal[first] = d(first) - shift;
      below[first] = g;
      below[last] = 0;
    }
  }
}
