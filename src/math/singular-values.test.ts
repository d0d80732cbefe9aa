import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { createStream } from './random.ts';
import { singularValues } from './singular-values.ts';

function randomMatrix(count: number): Float64Array {
  const matrix = new Float64Array(count);
  createStream({ seed: 3, purpose: 'probe', layer: `matrix ${count}` }).fillNormal(matrix, 0, 1);
  return matrix;
}

describe('singularValues()', () => {
  it.each([
    [1, 1],
    [7, 3],
    [4, 9],
    [23, 23],
  ])('agrees with ml-matrix on a matrix [%i,%i]', async (rows, columns) => {
    const matrix = randomMatrix(rows * columns);
    const oracle = new SingularValueDecomposition(Matrix.from1DArray(rows, columns, [...matrix]), {
      autoTranspose: true,
    });
    const expected = oracle.diagonal.toSorted((a, b) => a - b);
    const found = await singularValues(matrix, rows, columns);
    expect(found).toHaveLength(Math.min(rows, columns));
    // Squares are right to 1e-15 of the largest, which is 1e-8 of a value that vanishes beside it; these do not.
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 12));
  });

  it('finds zeros to within the root of rounding', async () => {
    const [least, largest] = await singularValues(Float64Array.of(3, 4, 6, 8), 2, 2);
    expect(least).toBeLessThan(1e-6);
    expect(largest).toBeCloseTo(Math.sqrt(125), 12);
  });

  it('refuses entries that do not fill the matrix', async () => {
    await expect(singularValues(new Float64Array(5), 2, 3)).rejects.toThrow(
      new ShapeError('A matrix [2,3] must have 6 entries, got 5'),
    );
  });
});
