/** @file How much a loss can grow in a small box around the weights (keskar2017, metric 2.1), and in a random subspace. */

import { SettingError } from '../errors.ts';
import { innerProduct } from '../math/inner-product.ts';
import { createStream } from '../math/random.ts';
import { symmetricEigenvectors } from '../math/symmetric-eigenvectors.ts';
import { boxMaximum, type ValueAndGradient } from './box-maximum.ts';
import { combined } from './operator.ts';

export interface KeskarSettings {
  /** ε: the box reaches ε (|(A⁺x)ᵢ| + 1) to either side; 1e-3 and 5e-4 in keskar2017. */
  readonly epsilon: number;
  /** Of projected L-BFGS; default 10, as in keskar2017. */
  readonly iterations?: number;
  /** Computations of f with its gradient, at most; default as many as the iterations take. */
  readonly evaluations?: number;
  /** p, the dimension of a random subspace, of Gaussian directions A with entries of variance 1; default the whole space. */
  readonly subspace?: number;
  /** Keys the subspace. */
  readonly seed?: number;
}

export interface KeskarSharpness {
  /** φ = 100 (max f(x + A z) − f(x)) / (1 + f(x)), z in the box. A lower bound: the search is short. */
  readonly phi: number;
  /** f(x). */
  readonly loss: number;
  /** The largest f(x + A z) found. */
  readonly largest: number;
  /** How far the search was from a maximum, in units of z; 0 at one. */
  readonly residual: number;
  /** Computations of f with its gradient. */
  readonly evaluations: number;
}

/**
 * f is given y and returns f(x + y), as `openDisplacedLoss` makes it. No invariant of a network with batch norm: scaling a
 * weight before one leaves the function as it is and changes φ (dinh2017).
 * @param x - the weights
 * @throws {SettingError} for an epsilon that is not positive, or a subspace of no dimension.
 *
 * @example
 * const f = async ([y = 0]: Float64Array) => ({ value: 1 + 5 * y, gradient: Float64Array.of(5) });
 * const { phi } = await keskarSharpness(f, Float64Array.of(-3), { epsilon: 1e-3 });
 * console.log(phi); // 100 · 5 · 0.004 / 2 = 1
 */
export async function keskarSharpness(
  f: ValueAndGradient,
  x: Float64Array,
  { epsilon, iterations = 10, subspace, seed = 0, ...limit }: KeskarSettings,
): Promise<KeskarSharpness> {
  if (!(epsilon > 0)) throw new SettingError(`A box must have an epsilon above 0, got ${epsilon}; try 1e-3`);
  const space = subspace === undefined ? undefined : randomSubspace(x, subspace, seed);
  const limits = (space?.coordinates ?? x).map((coordinate) => epsilon * (Math.abs(coordinate) + 1));
  const within: ValueAndGradient = space === undefined ? f : space.restrict(f);
  const found = await boxMaximum(within, { limits, iterations, ...limit });
  const { value: largest, initial: loss, residual, evaluations } = found;
  return { phi: (100 * (largest - loss)) / (1 + loss), loss, largest, residual, evaluations };
}

interface Subspace {
  /** A⁺x: of the point of the subspace that is nearest to x. */
  readonly coordinates: Float64Array;
  /** z ↦ f(x + A z). */
  readonly restrict: (f: ValueAndGradient) => ValueAndGradient;
}

function randomSubspace(x: Float64Array, dimension: number, seed: number): Subspace {
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > x.length) {
    throw new SettingError(`A subspace must have from 1 to ${x.length} dimensions, got ${dimension}; try 100`);
  }
  const directions = Array.from({ length: dimension }, (_, i) => {
    const direction = new Float64Array(x.length);
    createStream({ seed, purpose: 'probe', layer: `subspace ${i}` }).fillNormal(direction, 0, 1);
    return direction;
  });
  const gram = directions.flatMap((a) => directions.map((b) => innerProduct(a, b)));
  const { values, vectors } = symmetricEigenvectors(Float64Array.from(gram), dimension);
  const right = directions.map((direction) => innerProduct(direction, x));
  // A⁺x = (AᵀA)⁻¹ Aᵀx, by the eigenvectors of AᵀA.
  const shares = vectors.map((vector, i) => innerProduct(vector, right) / (values[i] as number));
  return {
    coordinates: combined(vectors, shares),
    restrict: (f) => async (z) => {
      const { value, gradient } = await f(combined(directions, z));
      return { value, gradient: Float64Array.from(directions, (direction) => innerProduct(direction, gradient)) };
    },
  };
}
