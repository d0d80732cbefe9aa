/** @file Trace, density and blocks, on explicit matrices. */

import { describe, expect, it } from 'vitest';
import { bulk, matrixWith, spectrum } from '../../test/known-matrix.ts';
import { lanczos } from './lanczos.ts';
import type { SymmetricOperator } from './operator.ts';
import { restricted, within } from './restricted.ts';
import { smoothedDensity, spectralNodes } from './spectral-density.ts';
import { traceOf } from './trace.ts';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

async function diagonalOf(operator: SymmetricOperator): Promise<number[]> {
  const diagonal: number[] = [];
  for (let i = 0; i < operator.size; i++) {
    const v = new Float64Array(operator.size);
    v[i] = 1;
    diagonal.push((await operator.apply(v))[i] ?? Number.NaN);
  }
  return diagonal;
}

describe('traceOf()', () => {
  it.each(['rademacher', 'gaussian'] as const)(
    'is right to four of its own standard errors, by %s vectors',
    async (distribution) => {
      const operator = matrixWith(spectrum);
      const { value, standardError } = await traceOf(operator, { vectors: 400, distribution, seed: 2 });
      expect(operator.products).toBe(400);
      expect(Math.abs(value - sum(spectrum))).toBeLessThan(4 * standardError);
      // The variance is 2‖A‖_F² of Gaussian vectors, and of signs without the diagonal's part.
      const all = sum(spectrum.map((each) => each ** 2));
      const rest = distribution === 'gaussian' ? 0 : sum((await diagonalOf(operator)).map((each) => each ** 2));
      const expected = Math.sqrt((2 * (all - rest)) / 400);
      expect(standardError / expected).toBeGreaterThan(0.8);
      expect(standardError / expected).toBeLessThan(1.2);
    },
  );

  it('is exact of a diagonal by signs', async () => {
    const diagonal = { size: 5, apply: async (v: Float64Array) => v.map((value, i) => value * (i - 1)) };
    expect(await traceOf(diagonal, { vectors: 3, seed: 0 })).toEqual({ value: 5, standardError: 0 });
  });

  it('has no standard error of one vector, and refuses none', async () => {
    expect((await traceOf(matrixWith([1, 2]), { vectors: 1, seed: 0 })).standardError).toBeNaN();
    await expect(traceOf(matrixWith([1]), { vectors: 0, seed: 0 })).rejects.toThrow('1 vector or more, got 0');
  });
});

describe('spectralNodes()', () => {
  it('has the moments of the spectrum, on average over first vectors', async () => {
    const nodes = await spectralNodes(matrixWith(spectrum), { vectors: 200, steps: 4, seed: 0 });
    expect(nodes).toHaveLength(800);
    const moment = (power: number): number => sum(nodes.map(({ value, weight }) => weight * value ** power));
    const exact = (power: number): number => sum(spectrum.map((value) => value ** power)) / spectrum.length;
    expect(moment(0)).toBeCloseTo(1, 12);
    // Four standard errors over 200 vectors, √(2 · moment of twice the order / rows / 200): 0.007 and 0.14.
    expect(Math.abs(moment(1) - exact(1))).toBeLessThan(0.03);
    expect(Math.abs(moment(2) - exact(2))).toBeLessThan(0.6);
  });

  it('is ascending, and once smoothed is the smoothed density of the eigenvalues themselves', async () => {
    const nodes = await spectralNodes(matrixWith(bulk), { vectors: 60, steps: 40, seed: 1 });
    expect(nodes.map(({ value }) => value)).toEqual(nodes.map(({ value }) => value).toSorted((a, b) => a - b));
    const grid = Array.from({ length: 31 }, (_, i) => -1.5 + 0.1 * i);
    const found = smoothedDensity(nodes, grid, 0.15);
    const exact = smoothedDensity(
      bulk.map((value) => ({ value, weight: 1 / bulk.length })),
      grid,
      0.15,
    );
    expect(sum([...exact]) * 0.1).toBeCloseTo(1, 3);
    // Each of 60 vectors puts a weight of about 1/300 ± √2/300 on an eigenvalue; 40 nodes resolve half a width.
    for (const [i, value] of found.entries()) expect(Math.abs(value - (exact[i] ?? 0))).toBeLessThan(0.04);
  });

  it('has other first vectors at another step, and refuses none', async () => {
    const settings = { vectors: 1, steps: 3, seed: 0 };
    const [first, second] = [
      await spectralNodes(matrixWith(bulk), settings),
      await spectralNodes(matrixWith(bulk), { ...settings, step: 1 }),
    ];
    expect(first).not.toEqual(second);
    await expect(spectralNodes(matrixWith(bulk), { ...settings, vectors: 0 })).rejects.toThrow('or more, got 0');
  });
});

describe('restricted()', () => {
  const rows = [
    [2, 1, 5, 0, 7],
    [1, 3, 6, 1, 8],
    [5, 6, 4, 2, 9],
    [0, 1, 2, 1, 3],
    [7, 8, 9, 3, 6],
  ];
  const operator = {
    size: 5,
    apply: async (v: Float64Array) =>
      Float64Array.from(rows, (row) => sum(row.map((a, i) => a * (v[i] ?? Number.NaN)))),
  };
  const ranges = [
    { start: 0, end: 2 },
    { start: 4, end: 5 },
  ];

  it('is the block of its coordinates', async () => {
    const block = restricted(operator, ranges);
    expect(block.size).toBe(3);
    expect([...(await block.apply(Float64Array.of(1, 10, 100)))]).toEqual([712, 831, 687]);
    expect([...within(Float64Array.of(1, 2, 3, 4, 5), ranges)]).toEqual([1, 2, 5]);
    // By Poincaré's theorem no eigenvalue of a block lies beyond the ends of the whole.
    const [whole, part] = [await lanczos(operator, { steps: 5, seed: 0 }), await lanczos(block, { steps: 3, seed: 0 })];
    expect(part.values.at(-1)).toBeLessThanOrEqual(whole.values.at(-1) ?? 0);
    expect(part.values[0]).toBeGreaterThanOrEqual(whole.values[0] ?? 0);
  });

  it('refuses what lies outside', () => {
    expect(() => restricted(operator, [{ start: 3, end: 6 }])).toThrow('must lie within 5 coordinates, got 3 to 6');
  });
});
