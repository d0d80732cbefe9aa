import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { NumericError, ShapeError } from '../errors.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { innerProduct } from './inner-product.ts';
import { symmetricEigenvectors } from './symmetric-eigenvectors.ts';

function symmetric(n: number): Float64Array {
  const half = randomArray(n * n, `matrix of ${n}`);
  return Float64Array.from(half, (value, k) => value + (half[(k % n) * n + Math.floor(k / n)] ?? 0));
}

describe('symmetricEigenvectors()', () => {
  it.each([1, 2, 3, 7, 40])('finds the values that another library finds, of %d rows', (n) => {
    const matrix = symmetric(n);
    const { values } = symmetricEigenvectors(matrix, n);
    const other = new EigenvalueDecomposition(Matrix.from1DArray(n, n, matrix), { assumeSymmetric: true });
    const expected = other.realEigenvalues.toSorted((a, b) => a - b);
    // Both are right to n · 1e-16 of the largest.
    const largest = Math.max(...expected.map(Math.abs));
    for (const [i, value] of values.entries()) {
      expect(Math.abs(value - (expected[i] ?? Number.NaN)) / largest).toBeLessThan(n * 1e-15);
    }
  });

  it('gives orthonormal vectors with A v = λ v, of equal eigenvalues too', () => {
    const n = 6;
    // 2 on four places of the diagonal, and a block with the eigenvalues 2 and −4.
    const matrix = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 && k < 4 * (n + 1) ? 2 : 0));
    for (const [i, j, value] of [
      [4, 4, -1],
      [5, 5, -1],
      [4, 5, 3],
      [5, 4, 3],
    ] as const)
      matrix[i * n + j] = value;
    const { values, vectors } = symmetricEigenvectors(matrix, n);
    expect([...values].map((value) => Math.round(value * 1e12) / 1e12)).toEqual([-4, 2, 2, 2, 2, 2]);
    for (const [i, v] of vectors.entries()) {
      const product = Float64Array.from({ length: n }, (_, row) =>
        innerProduct(matrix.subarray(row * n, row * n + n), v),
      );
      for (let k = 0; k < n; k++)
        expect(Math.abs((product[k] ?? 1) - (values[i] ?? 1) * (v[k] ?? 1))).toBeLessThan(1e-14);
      for (const [j, u] of vectors.entries()) {
        expect(Math.abs(innerProduct(u, v) - (i === j ? 1 : 0))).toBeLessThan(1e-14);
      }
    }
  });

  it('takes a matrix of zeros, and one of no rows', () => {
    expect([...symmetricEigenvectors(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
    expect(symmetricEigenvectors(new Float64Array(0), 0).vectors).toEqual([]);
  });

  it('refuses what is not square or not finite', () => {
    expect(() => symmetricEigenvectors(new Float64Array(5), 2)).toThrow(ShapeError);
    expect(() => symmetricEigenvectors(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toThrow(NumericError);
  });
});
