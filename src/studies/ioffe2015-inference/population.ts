/** @file A finite population, its moments, and every mini-batch that can be drawn from it. */

import { squareOf } from '../../math/power.ts';

/** Several populations of n values each: `values` is [n, count]. */
export interface Populations {
  readonly size: number;
  readonly count: number;
  readonly values: Float64Array;
}

export interface Moments {
  readonly mean: number;
  /** Σ(x − mean)² / n. */
  readonly biased: number;
  /** Σ(x − mean)² / (n − 1). */
  readonly unbiased: number;
}

export function momentsOf({ size, count, values }: Populations): readonly Moments[] {
  return Array.from({ length: count }, (_, c) => {
    const column = Array.from({ length: size }, (_value, n) => values[n * count + c] as number);
    const mean = column.reduce((sum, x) => sum + x, 0) / size;
    const squares = column.reduce((sum, x) => sum + squareOf(x - mean), 0);
    return { mean, biased: squares / size, unbiased: squares / (size - 1) };
  });
}

/** The members that a batch holds, of all populations at once: [m, count]. */
export function gather({ count, values }: Populations, members: ArrayLike<number>): Float64Array {
  const rows = new Float64Array(members.length * count);
  Array.from(members).forEach((member, row) =>
    rows.set(values.subarray(member * count, (member + 1) * count), row * count),
  );
  return rows;
}

/** The n!/(m! (n − m)!) batches of m different members. */
export function batchesWithoutReplacement(n: number, m: number, from = 0): readonly (readonly number[])[] {
  if (m === 0) return [[]];
  return Array.from({ length: Math.max(0, n - from - m + 1) }, (_, i) => from + i).flatMap((first) =>
    batchesWithoutReplacement(n, m - 1, first + 1).map((others) => [first, ...others]),
  );
}

/** The nᵐ batches of m members drawn one after the other, any of them each time. */
export function batchesWithReplacement(n: number, m: number): readonly (readonly number[])[] {
  if (m === 0) return [[]];
  const shorter = batchesWithReplacement(n, m - 1);
  return Array.from({ length: n }, (_, first) => first).flatMap((first) => shorter.map((others) => [first, ...others]));
}
