/** @file Singular values of matrices of some hundred rows. */

import { need, ShapeError } from '../errors.ts';
import { innerProduct } from './inner-product.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/**
 * All min(rows, columns) singular values, ascending: square roots of the eigenvalues of A Aᵀ or Aᵀ A, whichever is
 * smaller. What is below 1e-8 times the largest is lost in rounding, and comes out as anything from 0 to that.
 * @param matrix - [rows, columns] row by row
 * @throws {ShapeError} unless the matrix has rows · columns entries
 * @throws {NumericError} for an entry that is not finite
 */
export async function singularValues(matrix: Float64Array, rows: number, columns: number): Promise<Float64Array> {
  if (matrix.length !== rows * columns) {
    throw new ShapeError(`A matrix [${rows},${columns}] must have ${rows * columns} entries, got ${matrix.length}`);
  }
  const count = Math.min(rows, columns);
  const vectors = Array.from({ length: count }, (_, i) =>
    rows <= columns
      ? matrix.subarray(i * columns, (i + 1) * columns)
      : Float64Array.from({ length: rows }, (_value, row) => matrix[row * columns + i] as number),
  );
  const gram = new Float64Array(count * count);
  // The eigenvalues read the lower triangle.
  vectors.forEach((a, i) => {
    for (let j = 0; j <= i; j++) gram[i * count + j] = innerProduct(a, need(vectors[j], 'a vector for each row'));
  });
  const squares = await symmetricEigenvalues(gram, count);
  return squares.map((square) => Math.sqrt(Math.max(0, square)));
}
