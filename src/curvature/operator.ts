/**
 * @file What the algorithms of this folder take: a symmetric matrix of which nothing is known but its products. How one
 * is made of a network is another file's business, and an algorithm may as well be given a matrix.
 */

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
