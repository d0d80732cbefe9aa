import { describe, expect, it } from 'vitest';
import { innerProduct } from '../math/inner-product.ts';
import { createStream } from '../math/random.ts';
import { boxMaximum, type ValueAndGradient } from './box-maximum.ts';

const SIZE = 7;

/** bᵀz − ½ zᵀA z with A = Σ uuᵀ + ½: concave, and its sides coupled. */
function concave(seed: number): { readonly f: ValueAndGradient; readonly slope: (z: Float64Array) => Float64Array } {
  const draw = (layer: string, length = SIZE): Float64Array => {
    const v = new Float64Array(length);
    createStream({ seed, purpose: 'noise', layer }).fillNormal(v, 0, 1);
    return v;
  };
  const [b, us] = [draw('b').map((v) => 3 * v), ['u1', 'u2', 'u3', 'u4'].map((name) => draw(name))];
  const A = (z: Float64Array): Float64Array =>
    z.map((value, i) => 0.5 * value + us.reduce((sum, u) => sum + (u[i] ?? Number.NaN) * innerProduct(u, z), 0));
  const slope = (z: Float64Array): Float64Array => {
    const image = A(z);
    return b.map((value, i) => value - (image[i] ?? Number.NaN));
  };
  return {
    slope,
    f: async (z) => ({ value: innerProduct(b, z) - innerProduct(z, A(z)) / 2, gradient: slope(z) }),
  };
}

/** The maximum by trying every set of sides: the one whose conditions of optimality hold is the only one. */
async function byTrying(slope: (z: Float64Array) => Float64Array, limits: Float64Array): Promise<Float64Array> {
  for (let pattern = 0; pattern < 3 ** SIZE; pattern++) {
    const side = Array.from({ length: SIZE }, (_, i) => (Math.floor(pattern / 3 ** i) % 3) - 1);
    const z = Float64Array.from(side, (s, i) => s * (limits[i] ?? Number.NaN));
    const free = side.flatMap((s, i) => (s === 0 ? [i] : []));
    // Newton's step on the free coordinates, their part of A read off the slope.
    const at0 = slope(z);
    const rows = free.map((i) => {
      const moved = z.slice();
      moved[i] = (moved[i] ?? 0) + 1;
      const there = slope(moved);
      return free.map((j) => (at0[j] ?? Number.NaN) - (there[j] ?? Number.NaN));
    });
    const step = solved(
      rows,
      free.map((i) => at0[i] ?? Number.NaN),
    );
    for (const [k, i] of free.entries()) z[i] = step[k] ?? Number.NaN;
    const g = slope(z);
    const isOptimal = side.every((s, i) => (s === 0 ? Math.abs(z[i] ?? 0) <= (limits[i] ?? 0) : s * (g[i] ?? 0) >= 0));
    if (isOptimal) return z;
  }
  throw new Error('A concave function has its maximum in a box');
}

/** Gauss and Jordan. */
function solved(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  const a = rows.map((row, i) => [...row, right[i] ?? Number.NaN]);
  for (const [k, pivot] of a.entries()) {
    const scale = pivot[k] ?? Number.NaN;
    for (let j = 0; j < pivot.length; j++) pivot[j] = (pivot[j] ?? Number.NaN) / scale;
    for (const [i, row] of a.entries()) {
      const share = row[k] ?? Number.NaN;
      if (i !== k) for (let j = 0; j < row.length; j++) row[j] = (row[j] ?? 0) - share * (pivot[j] ?? 0);
    }
  }
  return a.map((row) => row.at(-1) ?? Number.NaN);
}

describe('boxMaximum()', () => {
  it.each([1, 2, 3, 4, 5])('finds the maximum of a concave quadratic in a box, seed %i', async (seed) => {
    const { f, slope } = concave(seed);
    const limits = Float64Array.from({ length: SIZE }, (_, i) => 0.2 + 0.2 * i);
    const expected = await byTrying(slope, limits);
    expect(expected.some((z, i) => Math.abs(z) === limits[i])).toBe(true);
    const found = await boxMaximum(f, { limits, iterations: 200 });
    for (const [i, z] of found.at.entries()) expect(Math.abs(z - (expected[i] ?? Number.NaN))).toBeLessThan(1e-6);
    expect(found.residual).toBeLessThan(1e-5);
    expect(found.value).toBeCloseTo((await f(expected)).value, 10);
  });

  it('finds the corner at which a convex quadratic is largest where it is separable', async () => {
    const [curvature, slope] = [Float64Array.of(1, 2, 3, 4, 5), Float64Array.of(1, -1, 2, -2, 0.5)];
    const f: ValueAndGradient = async (z) => ({
      value: z.reduce((sum, v, i) => sum + (slope[i] ?? 0) * v + ((curvature[i] ?? 0) * v * v) / 2, 0),
      gradient: z.map((v, i) => (slope[i] ?? 0) + (curvature[i] ?? 0) * v),
    });
    const limits = Float64Array.of(1, 0, 0.5, 2, 3);
    const { at, value, residual } = await boxMaximum(f, { limits, iterations: 10 });
    expect([...at]).toEqual([1, 0, 0.5, -2, 3]);
    expect(value).toBe(1.5 + 1 + 0.375 + 4 + 8 + 1.5 + 22.5);
    expect(residual).toBe(0);
  });

  it('stays within the box, never falls below f(0), and says what it has not reached', async () => {
    const { f } = concave(6);
    const limits = new Float64Array(SIZE).fill(0.7);
    const { at, value, residual, evaluations } = await boxMaximum(f, { limits, iterations: 1 });
    expect(Math.max(...at.map(Math.abs))).toBeLessThanOrEqual(0.7);
    expect(value).toBeGreaterThan(0);
    expect(residual).toBeGreaterThan(1e-3);
    expect(evaluations).toBeLessThan(15);
  });

  it('backs away from where f is no number, and stays where there is nothing to gain', async () => {
    const f: ValueAndGradient = async (z) => ({
      value: (z[0] ?? 0) > 0.3 ? Number.NaN : (z[0] ?? 0),
      gradient: Float64Array.of(1),
    });
    const { value } = await boxMaximum(f, { limits: Float64Array.of(1), iterations: 20 });
    expect(value).toBeGreaterThan(0.25);
    const flat: ValueAndGradient = async (z) => ({ value: 5, gradient: z.map(() => 0) });
    expect(await boxMaximum(flat, { limits: Float64Array.of(1, 1), iterations: 3 })).toMatchObject({
      value: 5,
      evaluations: 1,
    });
  });

  it('refuses a box without inside, and no iterations', async () => {
    const { f } = concave(1);
    await expect(boxMaximum(f, { limits: Float64Array.of(-1), iterations: 3 })).rejects.toThrow('limits of 0 or more');
    await expect(boxMaximum(f, { limits: Float64Array.of(1), iterations: 0 })).rejects.toThrow('1 iteration or more');
  });
});
