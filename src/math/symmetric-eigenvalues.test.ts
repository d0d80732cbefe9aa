import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { NumericError, ShapeError } from '../errors.ts';
import { createStream } from './random.ts';
import { relativeError } from './relative-error.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

function symmetric(n: number, entry: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i >= j ? entry(i, j) : entry(j, i);
  });
}

function random(n: number, seed: number): Float64Array {
  const values = new Float64Array(n * n);
  createStream({ seed, purpose: 'probe' }).fillNormal(values, 0, 1);
  return symmetric(n, (i, j) => values[i * n + j] ?? 0);
}

/** Largest error over n roundings of the largest: Householder's reduction and QL leave a small multiple of that. */
function roundings(actual: Float64Array, expected: readonly number[]): number {
  const sorted = Float64Array.from(expected).sort();
  const scale = Math.max(...expected.map(Math.abs));
  return (
    relativeError(
      actual.map((value) => value / scale),
      sorted.map((value) => value / scale),
    ) /
    (expected.length * Number.EPSILON)
  );
}

describe('symmetricEigenvalues()', () => {
  it.each([2, 3, 17, 61])('agrees with ml-matrix at %i rows', async (n) => {
    const matrix = random(n, n);
    const rows = Array.from({ length: n }, (_, i) => [...matrix.subarray(i * n, (i + 1) * n)]);
    const oracle = new EigenvalueDecomposition(new Matrix(rows), { assumeSymmetric: true });
    expect(roundings(await symmetricEigenvalues(matrix, n), oracle.realEigenvalues)).toBeLessThan(10);
  });

  it('finds 2 cos(kπ/(n + 1)) for ones beside the diagonal', async () => {
    const n = 40;
    const expected = Array.from({ length: n }, (_, k) => 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
    expect(
      roundings(
        await symmetricEigenvalues(
          symmetric(n, (i, j) => (i === j + 1 ? 1 : 0)),
          n,
        ),
        expected,
      ),
    ).toBeLessThan(10);
  });

  it('finds repeated ones: 1 + n once and 1 otherwise for ones plus the unit matrix', async () => {
    const n = 23;
    const expected = [n + 1, ...Array.from({ length: n - 1 }, () => 1)];
    expect(
      roundings(
        await symmetricEigenvalues(
          symmetric(n, (i, j) => (i === j ? 2 : 1)),
          n,
        ),
        expected,
      ),
    ).toBeLessThan(10);
  });

  it('finds the spectrum that a reflection hides, over twelve decades', async () => {
    const n = 13;
    const spectrum = Array.from({ length: n }, (_, k) => 10 ** -k);
    const v = Array.from({ length: n }, (_, k) => Math.sin(k + 1));
    const squares = v.reduce((sum, value) => sum + value * value, 0);
    const h = (i: number, k: number): number => (i === k ? 1 : 0) - (2 * (v[i] ?? 0) * (v[k] ?? 0)) / squares;
    const entry = (i: number, j: number): number =>
      spectrum.reduce((sum, value, k) => sum + h(i, k) * value * h(j, k), 0);
    expect(roundings(await symmetricEigenvalues(symmetric(n, entry), n), spectrum)).toBeLessThan(10);
  });

  it('converges where all but the first few are rounding: the Gram matrix of a long product', async () => {
    const n = 150;
    let product = Matrix.eye(n);
    for (let seed = 0; seed < 30; seed++) {
      product = Matrix.from1DArray(n, n, [...random(n, seed)])
        .div(Math.sqrt(n))
        .mmul(product);
    }
    const gram = product.mmul(product.transpose());
    const values = await symmetricEigenvalues(Float64Array.from(gram.to1DArray()), n);
    const oracle = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
    expect(roundings(values, oracle.realEigenvalues)).toBeLessThan(10);
  });

  it.each([
    ['nothing', 0, [], []],
    ['a number', 1, [-3], [-3]],
    ['zeros', 3, [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0]],
    ['a diagonal', 3, [2, 0, 0, 0, -1, 0, 0, 0, 5], [-1, 2, 5]],
    ['blocks', 3, [0, 2, 0, 2, 0, 0, 0, 0, 1], [-2, 1, 2]],
  ])('is right for %s', async (_, n, matrix, expected) => {
    const values = await symmetricEigenvalues(Float64Array.from(matrix), n);
    expect([...values].map((value) => Math.round(value * 1e12) / 1e12 + 0)).toEqual(expected);
  });

  it('scales with the matrix, however small or large', async () => {
    const matrix = random(9, 5);
    const plain = await symmetricEigenvalues(matrix, 9);
    for (const scale of [2 ** -600, 2 ** 600]) {
      const scaled = await symmetricEigenvalues(
        matrix.map((value) => value * scale),
        9,
      );
      expect(
        roundings(
          scaled.map((value) => value / scale),
          [...plain],
        ),
      ).toBeLessThan(10);
    }
  });

  it('leaves the matrix as it is, reads its lower triangle, and pauses', async () => {
    const matrix = random(70, 3);
    const lower = matrix.map((value, at) => (at % 70 > Math.floor(at / 70) ? Number.MAX_VALUE : value));
    const before = lower.slice();
    let pauses = 0;
    const values = await symmetricEigenvalues(lower, 70, async () => {
      pauses++;
    });
    expect(lower).toEqual(before);
    expect(values).toEqual(await symmetricEigenvalues(matrix, 70));
    expect(pauses).toBe(2);
  });

  it('refuses what is no square matrix of finite numbers', async () => {
    await expect(symmetricEigenvalues(new Float64Array(6), 2)).rejects.toThrow(ShapeError);
    await expect(symmetricEigenvalues(Float64Array.of(1, 2, 2, Number.NaN), 2)).rejects.toThrow(NumericError);
  });
});
