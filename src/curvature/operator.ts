/**
 * @file What the algorithms of this folder take: a symmetric matrix of which nothing is known but its products. How one
 * is made of a network is another file's business, and an algorithm may as well be given a matrix.
 */

import { innerProduct } from '../math/inner-product.ts';
import { createStream, type StreamKey } from '../math/random.ts';

export interface SymmetricOperator {
  /** The number of its rows. */
  readonly size: number;
  /** A v, in memory of its own. */
  readonly apply: (v: Float64Array) => Promise<Float64Array>;
}

/** A Gaussian vector of length 1: its direction is uniform, so that no eigenvector is missed but by chance. */
export function randomUnit(size: number, key: StreamKey): Float64Array {
  const v = new Float64Array(size);
  createStream(key).fillNormal(v, 0, 1);
  return normalised(v);
}

/** v / ‖v‖. */
export function normalised(v: Float64Array): Float64Array {
  let squares = 0;
  for (const value of v) squares += value * value;
  const length = Math.sqrt(squares);
  return v.map((value) => value / length);
}

/** Subtracts s·u from v. */
export function subtract(v: Float64Array, s: number, u: Float64Array): void {
  for (let i = 0; i < v.length; i++) v[i] = (v[i] as number) - s * (u[i] as number);
}

/** Takes from v its parts along orthonormal vectors; ⟨u, v⟩ of each, as v was. */
export function orthogonalise(v: Float64Array, basis: readonly Float64Array[]): number[] {
  const parts = basis.map((u) => {
    const part = innerProduct(u, v);
    subtract(v, part, u);
    return part;
  });
  // Twice is enough: what the first pass leaves by rounding, the second takes away.
  for (const u of basis) subtract(v, innerProduct(u, v), u);
  return parts;
}

/** Σ cᵢ vᵢ. */
export function combined(vectors: readonly Float64Array[], coefficients: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const [i, vector] of vectors.entries()) subtract(sum, -(coefficients[i] as number), vector);
  return sum;
}
