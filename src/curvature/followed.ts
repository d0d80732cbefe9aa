/**
 * @file The largest eigenvalue of a symmetric matrix that changes a little from one look to the next, by few products each:
 * Lanczos' algorithm from where the look before came to. Ritz values that reuse the images of earlier looks were tried, and
 * are worse wherever the matrix changes by more than the gap between its largest eigenvalues.
 */

import { euclideanNorm } from '../math/inner-product.ts';
import { largestEigenpairs } from './eigenpairs.ts';
import { combined, normalised, type SymmetricOperator } from './operator.ts';

export interface FollowSettings {
  /** Products of the first look, which starts from nothing. */
  readonly first: number;
  /** Products of each further look; default 1, by which an eigenvector that overtakes is found only after many looks. */
  readonly further?: number;
  /** Keys the first vector, and the noise. */
  readonly seed: number;
  /** Separates the looks of one seed: the training step; default 0. */
  readonly step?: number;
}

export interface Followed {
  /** vᵀA v of a v of length 1, which is at most the largest eigenvalue; NaN where a product was. */
  readonly value: number;
  /** ‖A v − (vᵀA v) v‖: there is an eigenvalue at most so far from the value. */
  readonly residual: number;
  /** What the next look starts from; undefined where it is to start from nothing. */
  readonly next: Float64Array | undefined;
}

/**
 * One look: with the next start, (A + |θ|) v of length 1, eigenvalues that are negative do not grow beside θ, be they thrice
 * as large, where A v alone would turn to one that is larger in magnitude.
 * @param start - of the look before; undefined for the first
 *
 * @example
 * const operator = { size: 3, apply: async (v: Float64Array) => v.map((value, i) => value * (i + 1)) };
 * const first = await followLargest(operator, undefined, { first: 3, seed: 0 });
 * const second = await followLargest(operator, first.next, { first: 3, seed: 0, step: 1 });
 * console.log(first.value, second.value); // 3, and as good as 3
 */
export async function followLargest(
  operator: SymmetricOperator,
  start: Float64Array | undefined,
  { first, further = 1, seed, step = 0 }: FollowSettings,
): Promise<Followed> {
  const products = start === undefined ? first : further;
  // No tolerance: as many products, however soon they suffice.
  const settings = { tolerance: 0, products, memory: products + 3, start, seed, step };
  const { values, residuals, vectors, images } = await largestEigenpairs(operator, settings);
  const [value, residual, v, image] = [values[0], residuals[0], vectors[0], images[0]];
  if (value === undefined || residual === undefined || v === undefined || image === undefined) {
    return { value: Number.NaN, residual: Number.NaN, next: undefined };
  }
  const moved = combined([image, v], [1, Math.abs(value)]);
  return { value, residual, next: euclideanNorm(moved) > 0 ? normalised(moved) : v };
}
