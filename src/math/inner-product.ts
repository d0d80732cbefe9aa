/** @file Products of lists of numbers as vectors. */

import { counted } from '../counted.ts';
import { ShapeError } from '../errors.ts';

/** ⟨a, b⟩ = Σ aᵢ bᵢ. @throws {ShapeError} for vectors of different lengths. */
export function innerProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new ShapeError(
      `Vectors must have one length to be multiplied, got ${a.length} and ${counted(b.length, 'number')}`,
    );
  }
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** ‖a‖. */
export function euclideanNorm(a: ArrayLike<number>): number {
  return Math.sqrt(innerProduct(a, a));
}
