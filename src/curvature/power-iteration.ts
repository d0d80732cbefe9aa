/** @file Power iteration: the eigenvalue that is largest in magnitude, and its eigenvector, in the memory of two vectors. */

import { SettingError } from '../errors.ts';
import { euclideanNorm, innerProduct } from '../math/inner-product.ts';
import { normalised, randomUnit, subtract, type SymmetricOperator } from './operator.ts';

export interface PowerSettings {
  /** Products at most. */
  readonly iterations: number;
  /** Ends once ‖A v − λ v‖ is at most so large a part of |λ|; 0 for all iterations. */
  readonly tolerance: number;
  /** Keys the first vector. */
  readonly seed: number;
  /** Separates the first vectors of one seed: the training step; default 0. */
  readonly step?: number;
}

export interface Eigenpair {
  /** λ = vᵀA v, with its sign: it is negative where the largest eigenvalue in magnitude is. NaN where a product was. */
  readonly value: number;
  /** v, of length 1. */
  readonly vector: Float64Array;
  /** ‖A v − λ v‖: there is an eigenvalue at most so far from λ. */
  readonly residual: number;
  /** Products taken. */
  readonly iterations: number;
}

/**
 * Converges by the ratio of the two largest magnitudes at each product: Lanczos' algorithm takes fewer, and more memory.
 * @throws {SettingError} unless iterations is a whole number of 1 or more.
 */
export async function powerIteration(
  operator: SymmetricOperator,
  { iterations, tolerance, seed, step = 0 }: PowerSettings,
): Promise<Eigenpair> {
  if (!Number.isInteger(iterations) || iterations < 1) {
    throw new SettingError(`A power iteration must take 1 product or more, got ${iterations}; try 100`);
  }
  let vector = randomUnit(operator.size, { seed, purpose: 'probe', step, layer: 'power-iteration' });
  for (let taken = 1; ; taken++) {
    const product = await operator.apply(vector);
    const value = innerProduct(vector, product);
    const error = product.slice();
    subtract(error, value, vector);
    const residual = euclideanNorm(error);
    const isDone = residual <= tolerance * Math.abs(value) || !Number.isFinite(value) || value === 0;
    if (isDone || taken === iterations) return { value, vector, residual, iterations: taken };
    vector = normalised(product);
  }
}
