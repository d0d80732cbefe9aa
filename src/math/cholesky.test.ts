import { describe, expect, it } from 'vitest';
import { shiftedNegative, solvePositiveDefinite, spectralNorm } from './cholesky.ts';

describe('solvePositiveDefinite()', () => {
  it('solves a system', () => {
    const x = solvePositiveDefinite(Float64Array.of(4, 2, -2, 2, 10, 2, -2, 2, 6), Float64Array.of(2, 28, 20));
    // A (1, 2, 3) = (4 + 4 − 6, 2 + 20 + 6, −2 + 4 + 18).
    [1, 2, 3].forEach((value, i) => expect(x?.[i]).toBeCloseTo(value, 14));
  });

  it.each([
    [1, 2, 2, 1],
    [0, 0, 0, 1],
    [Number.NaN, 0, 0, 1],
  ])('has no solution where the matrix is not positive definite: %d %d %d %d', (...matrix) => {
    expect(solvePositiveDefinite(Float64Array.from(matrix), Float64Array.of(1, 1))).toBeUndefined();
  });

  it('refuses a matrix of another size', () => {
    expect(() => solvePositiveDefinite(new Float64Array(5), new Float64Array(2))).toThrow('4 entries, got 5');
  });
});

describe('shiftedNegative()', () => {
  it('subtracts from a multiple of the identity', () => {
    expect([...shiftedNegative(Float64Array.of(1, 2, 3, 4), 2, 10)]).toEqual([9, -2, -3, 6]);
  });
});

describe('spectralNorm()', () => {
  it('is the largest singular value', () => {
    expect(spectralNorm(Float64Array.of(3, 0, 0, 0, -5, 0), 2)).toBeCloseTo(5, 13);
    // [[1, 1], [0, 1]]: the golden ratio.
    expect(spectralNorm(Float64Array.of(1, 1, 0, 1), 2)).toBeCloseTo((1 + Math.sqrt(5)) / 2, 13);
    expect(spectralNorm(new Float64Array(6), 3)).toBe(0);
  });
});
