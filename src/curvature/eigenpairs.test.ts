import { describe, expect, it } from 'vitest';
import { bulk, matrixWith, outliers, spectrum } from '../../test/known-matrix.ts';
import { innerProduct } from '../math/inner-product.ts';
import { largestEigenpairs, shareWithin } from './eigenpairs.ts';

const usual = { tolerance: 1e-8, products: 500, seed: 1 };

describe('largestEigenpairs()', () => {
  it('finds the largest with their vectors, and says so', async () => {
    const operator = matrixWith(spectrum);
    const found = await largestEigenpairs(operator, { ...usual, count: 3 });
    expect(found.isConverged).toBe(true);
    expect(found.products).toBe(operator.products);
    for (const [i, expected] of [21, 8, 5].entries()) {
      // The error of a value is at most the square of its residual over the gap, 1e-14 here, and rounding.
      expect(Math.abs((found.values[i] ?? 0) - expected)).toBeLessThan(1e-11);
      const vector = found.vectors[i] ?? new Float64Array();
      expect(Math.abs(innerProduct(vector, operator.eigenvector(spectrum.indexOf(expected))))).toBeCloseTo(1, 12);
      expect(found.residuals[i]).toBeLessThanOrEqual(1e-8 * expected);
    }
  });

  it('gives residuals that are those of its pairs', async () => {
    const operator = matrixWith(spectrum);
    const { values, vectors, residuals } = await largestEigenpairs(operator, { ...usual, count: 4, products: 37 });
    for (const [i, y] of vectors.entries()) {
      const product = await operator.apply(y);
      const left = Math.hypot(...product.map((value, j) => value - (values[i] ?? Number.NaN) * (y[j] ?? Number.NaN)));
      expect(Math.abs(left - (residuals[i] ?? Number.NaN))).toBeLessThan(1e-12);
    }
  });

  it.each([5, 8, 13])('comes to the same end with memory for %i vectors, by restarting', async (memory) => {
    const operator = matrixWith([...bulk, 1.5, 1.7, 2]);
    const found = await largestEigenpairs(operator, { ...usual, count: 3, memory });
    expect(found.isConverged).toBe(true);
    expect(operator.products).toBeGreaterThan(2 * memory);
    for (const [i, expected] of [2, 1.7, 1.5].entries()) expect(found.values[i]).toBeCloseTo(expected, 10);
  });

  it('gives the products of its vectors, without taking them', async () => {
    const operator = matrixWith(spectrum);
    const { vectors, images } = await largestEigenpairs(operator, { ...usual, products: 30, memory: 9, count: 3 });
    for (const [i, y] of vectors.entries()) {
      const product = await operator.apply(y);
      expect(Math.max(...product.map((value, j) => Math.abs(value - (images[i]?.[j] ?? Number.NaN))))).toBeLessThan(
        1e-12,
      );
    }
  });

  it('takes the largest by value: negative ones that are larger in magnitude are passed over', async () => {
    const { values } = await largestEigenpairs(matrixWith([...bulk, -9, 4]), usual);
    expect(values[0]).toBeCloseTo(4, 12);
  });

  it('says when it has not converged', async () => {
    const few = await largestEigenpairs(matrixWith(spectrum), { ...usual, products: 4 });
    expect(few).toMatchObject({ isConverged: false, products: 4 });
    expect(few.residuals[0]).toBeGreaterThan(usual.tolerance * (few.values[0] ?? 0));
    // Of bulk alone the largest are 1e-4 apart.
    expect((await largestEigenpairs(matrixWith(bulk), { ...usual, products: 30 })).isConverged).toBe(false);
  });

  it('needs fewer products from what is nearly the vector, and finds the largest from a vector of another', async () => {
    const operator = matrixWith([...bulk, 1.5, 2]);
    const cold = await largestEigenpairs(operator, usual);
    const near = operator.eigenvector(bulk.length + 1).map((value, i) => value + 1e-4 * Math.cos(i));
    const settings = { tolerance: 1e-3, products: 500, seed: 1 };
    const warm = await largestEigenpairs(operator, { ...settings, start: near });
    expect(warm.isConverged).toBe(true);
    expect(warm.products).toBeLessThan((await largestEigenpairs(operator, settings)).products);
    const wrong = await largestEigenpairs(operator, { ...usual, start: operator.eigenvector(bulk.length) });
    expect(wrong.values[0]).toBeCloseTo(cold.values[0] ?? 0, 10);
  });

  it('finds every copy of an eigenvalue where it has seen all of a small matrix', async () => {
    const values = [-4, -0.5, 3, 3, 7, 7, 7];
    const found = await largestEigenpairs(matrixWith(values), { ...usual, tolerance: 0, count: 5, products: 50 });
    expect(found.isConverged).toBe(true);
    expect(found.values.map((value) => Math.round(value * 1e10) / 1e10)).toEqual([7, 7, 7, 3, 3]);
    const zeros = await largestEigenpairs(matrixWith([0, 0, 0]), { ...usual, count: 2 });
    expect(zeros).toMatchObject({ values: [0, 0], isConverged: true });
  });

  it('says NaN where a product is', async () => {
    const broken = { size: 5, apply: async (v: Float64Array) => v.map(() => Number.NaN) };
    expect(await largestEigenpairs(broken, usual)).toMatchObject({ values: [Number.NaN], isConverged: false });
  });

  it.each([
    [{ count: 0 }, 'one or more must be wanted, got 0'],
    [{ count: 5, products: 4 }, '5 must be allowed as many products, got 4'],
    [{ count: 5, memory: 6 }, '5 need memory for 7 vectors, got 6'],
  ])('refuses %j', async (settings, message) => {
    await expect(largestEigenpairs(matrixWith([1]), { ...usual, ...settings })).rejects.toThrow(message);
  });
});

describe('shareWithin()', () => {
  it('is the part of a vector that lies in an eigenspace', async () => {
    const operator = matrixWith(spectrum);
    const { vectors } = await largestEigenpairs(operator, { ...usual, count: 3 });
    const at = (i: number): Float64Array => operator.eigenvector(i);
    const [inside, outside] = [at(spectrum.indexOf(21)), at(spectrum.indexOf(outliers[0] ?? 0))];
    const g = inside.map((value, i) => 3 * value + 4 * (outside[i] ?? Number.NaN));
    expect(shareWithin(vectors, g)).toBeCloseTo(9 / 25, 10);
  });
});
