/** @file The algorithms on explicit matrices whose spectra are known. */

import { describe, expect, it } from 'vitest';
import { bulk, matrixWith, outliers, spectrum } from '../../test/known-matrix.ts';
import { innerProduct } from '../math/inner-product.ts';
import { lanczos } from './lanczos.ts';
import { powerIteration } from './power-iteration.ts';

describe('lanczos()', () => {
  it('finds every eigenvalue of a small matrix, in no more products than it has rows', async () => {
    const values = [-4, -0.5, 0, 1.25, 3, 3, 7];
    const operator = matrixWith(values);
    const found = await lanczos(operator, { steps: 50, seed: 1 });
    // That 3 is there twice can only show by rounding.
    const rounded = found.values.map((value) => Math.round(value * 1e10) / 1e10 + 0);
    expect([...new Set(rounded)]).toEqual([...new Set(values)]);
    expect(operator.products).toBeLessThanOrEqual(values.length);
    expect(Math.max(...found.residuals)).toBeLessThan(1e-12);
  });

  it('finds the outliers of a large one at both ends, long before it has seen all of it', async () => {
    const operator = matrixWith(spectrum);
    const { values, residuals } = await lanczos(operator, { steps: 40, seed: 2 });
    expect(operator.products).toBe(40);
    expect(values).toHaveLength(40);
    const ends = [values[0], ...values.slice(-3)];
    for (const [i, outlier] of outliers.entries()) expect(Math.abs((ends[i] ?? 0) - outlier)).toBeLessThan(1e-9);
    for (const i of [0, 37, 38, 39]) expect(residuals[i]).toBeLessThan(1e-4);
  });

  it('says of each value how far it may be from an eigenvalue, and keeps within that', async () => {
    for (const steps of [1, 3, 9, 25]) {
      const { values, residuals } = await lanczos(matrixWith(spectrum), { steps, seed: 3 });
      for (const [i, value] of values.entries()) {
        const nearest = Math.min(...spectrum.map((known) => Math.abs(known - value)));
        expect(nearest).toBeLessThanOrEqual((residuals[i] ?? Number.NaN) + 1e-10);
      }
    }
  });

  it('keeps its vectors orthogonal: no outlier is found twice in a hundred steps', async () => {
    const { values } = await lanczos(matrixWith(spectrum), { steps: 100, seed: 4 });
    for (const outlier of outliers) {
      expect(values.filter((value) => Math.abs(value - outlier) < 1e-6)).toHaveLength(1);
    }
  });

  it('weighs its values so that moments of the spectrum come out, on average over first vectors', async () => {
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    const [first, second]: [number[], number[]] = [[], []];
    for (let seed = 0; seed < 200; seed++) {
      const { values, weights } = await lanczos(matrixWith(spectrum), { steps: 4, seed });
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      first.push(values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0));
      second.push(values.reduce((sum, value, i) => sum + value * value * (weights[i] ?? 0), 0));
    }
    // tr(A)/n and tr(A²)/n; the standard errors over 200 vectors are 0.007 and 0.14, and four of them are allowed.
    expect(Math.abs(mean(first) - mean(spectrum))).toBeLessThan(0.03);
    expect(Math.abs(mean(second) - mean(spectrum.map((value) => value * value)))).toBeLessThan(0.6);
  });

  it('says NaN where a product is, and takes the matrix of zeros', async () => {
    const broken = { size: 5, apply: async (v: Float64Array) => v.map(() => Number.NaN) };
    expect((await lanczos(broken, { steps: 3, seed: 0 })).values).toEqual([Number.NaN]);
    const zero = { size: 5, apply: async (v: Float64Array) => v.map(() => 0) };
    expect(await lanczos(zero, { steps: 3, seed: 0 })).toEqual({ values: [0], residuals: [0], weights: [1] });
  });

  it('refuses no steps', async () => {
    await expect(lanczos(matrixWith([1]), { steps: 0, seed: 0 })).rejects.toThrow(
      "Lanczos' algorithm must take 1 step or more, got 0; try 20",
    );
  });
});

describe('powerIteration()', () => {
  it('finds the eigenvalue of largest magnitude and its vector, to the tolerance', async () => {
    const operator = matrixWith(spectrum);
    const found = await powerIteration(operator, { iterations: 500, tolerance: 1e-8, seed: 5 });
    expect(Math.abs(found.value - 21)).toBeLessThan(1e-12);
    expect(found.residual).toBeLessThanOrEqual(21e-8);
    // The next largest is 8: every product gains a factor of 21/8, and 25 of them gain more than 1e10.
    expect(found.iterations).toBeLessThan(30);
    expect(operator.products).toBe(found.iterations);
    const v = operator.eigenvector(spectrum.indexOf(21));
    expect(Math.abs(Math.abs(innerProduct(v, found.vector)) - 1)).toBeLessThan(1e-12);
  });

  it('gives it with its sign', async () => {
    const { value } = await powerIteration(matrixWith([...bulk, -9, 4]), { iterations: 99, tolerance: 1e-9, seed: 6 });
    expect(value).toBeCloseTo(-9, 10);
  });

  it('stops after as many products as it may take, and says what is left', async () => {
    const { residual, iterations } = await powerIteration(matrixWith(spectrum), {
      iterations: 2,
      tolerance: 0,
      seed: 7,
    });
    expect(iterations).toBe(2);
    expect(residual).toBeGreaterThan(0.1);
  });

  it('says NaN where a product is, takes the matrix of zeros, and refuses no products', async () => {
    const settings = { iterations: 4, tolerance: 0, seed: 0 };
    const broken = { size: 5, apply: async (v: Float64Array) => v.map(() => Number.NaN) };
    expect((await powerIteration(broken, settings)).value).toBeNaN();
    const zero = { size: 5, apply: async (v: Float64Array) => v.map(() => 0) };
    expect(await powerIteration(zero, settings)).toMatchObject({ value: 0, residual: 0, iterations: 1 });
    await expect(powerIteration(zero, { ...settings, iterations: 0 })).rejects.toThrow('must take 1 product or more');
  });
});
