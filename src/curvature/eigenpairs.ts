/**
 * @file The largest eigenvalues of a large symmetric matrix with their vectors, in bounded memory: Lanczos' algorithm with
 * thick restarts (Wu and Simon 2000, SIAM J. Matrix Anal. Appl. 22, 602–616). It goes on until each is as near as asked
 * for, and says where it has not come so far.
 */

import { SettingError } from '../errors.ts';
import { euclideanNorm, innerProduct } from '../math/inner-product.ts';
import { symmetricEigenvectors } from '../math/symmetric-eigenvectors.ts';
import { combined, normalised, orthogonalise, randomUnit, type SymmetricOperator } from './operator.ts';

export interface EigenpairsSettings {
  /** How many of the largest are wanted; default 1. */
  readonly count?: number;
  /** Done once ‖A y − θ y‖ ≤ tolerance · |θ| for each of them. */
  readonly tolerance: number;
  /** Products at most. */
  readonly products: number;
  /** Vectors in memory at most, above `count` + 1; default 2 `count` + 20. */
  readonly memory?: number;
  /** The first vector, such as what was found at the step before; a thousandth of noise is added. Default a random one. */
  readonly start?: Float64Array | undefined;
  /** Keys the first vector, and the noise. */
  readonly seed: number;
  /** Separates the first vectors of one seed: the training step; default 0. */
  readonly step?: number;
}

export interface Eigenpairs {
  /** Ritz values θ, the largest first; `[NaN]` where a product was NaN. As many as wanted, or as were reached. */
  readonly values: readonly number[];
  /** y of each, of length 1. */
  readonly vectors: readonly Float64Array[];
  /** ‖A y − θ y‖ of each: there is an eigenvalue at most so far from θ, but for the rounding of the products themselves. */
  readonly residuals: readonly number[];
  /** A y of each, without a further product. */
  readonly images: readonly Float64Array[];
  /** Whether all that were wanted are there, each to the tolerance. */
  readonly isConverged: boolean;
  /** Products taken. */
  readonly products: number;
}

/** Enough that a start that lies across an eigenvector finds it, and so little that a good start stays one. */
const NOISE = 1e-3;

/**
 * Largest means of largest value, not magnitude. That a residual is small says that an eigenvalue is near, and not that
 * none is larger: as with every Krylov method, the first vector must have a part along what is to be found.
 * @throws {SettingError} for a count below 1, products below count, or memory that holds no more than what is wanted.
 *
 * @example
 * const operator = { size: 3, apply: async (v: Float64Array) => v.map((value, i) => value * (i + 1)) };
 * const { values, isConverged } = await largestEigenpairs(operator, { count: 2, tolerance: 1e-8, products: 9, seed: 0 });
 * console.log(values, isConverged); // 3 and 2, true
 */
export async function largestEigenpairs(
  operator: SymmetricOperator,
  { count = 1, tolerance, products, memory = 2 * count + 20, start, seed, step = 0 }: EigenpairsSettings,
): Promise<Eigenpairs> {
  checkSettings(count, products, memory);
  const { size } = operator;
  const random = (layer: string): Float64Array => randomUnit(size, { seed, purpose: 'probe', step, layer });
  let basis: Float64Array[] = [firstVector(start, random('eigenpairs'))];
  /** basisᵀ A basis, of as many rows as products have been taken with vectors of the basis. */
  let projected: number[][] = [];
  for (let taken = 1; ; taken++) {
    const rest = await operator.apply(basis.at(-1) as Float64Array);
    const row = orthogonalise(rest, basis);
    const beta = euclideanNorm(rest);
    if (![...row, beta].every(Number.isFinite)) return broken(taken);
    projected = [...projected.map((other, i) => [...other, row[i] as number]), row];
    const m = basis.length;
    const ritz = symmetricEigenvectors(Float64Array.from(projected.flat()), m);
    const order = Array.from({ length: Math.min(count, m) }, (_, i) => m - 1 - i);
    const residuals = order.map((i) => beta * Math.abs(ritz.vectors[i]?.[m - 1] as number));
    const isClose = residuals.every(
      (residual, i) => residual <= tolerance * Math.abs(ritz.values[m - 1 - i] as number),
    );
    const isWhole = m === size;
    const isConverged = order.length === Math.min(count, size) && (isClose || isWhole);
    if (isConverged || taken >= products) {
      const vectors = order.map((i) => combined(basis, ritz.vectors[i] as Float64Array));
      const values = order.map((i) => ritz.values[i] as number);
      // A y = θ y + s_m (what the last product leaves).
      const images = order.map((i, place) =>
        combined([vectors[place] as Float64Array, rest], [values[place] as number, ritz.vectors[i]?.[m - 1] as number]),
      );
      return { values, vectors, residuals, images, isConverged, products: taken };
    }
    const scale = Math.max(...ritz.values.map(Math.abs), beta);
    // What the first vector can reach is spanned: go on from another, as its products have no part along the rest.
    const isSpanned = beta <= size * Number.EPSILON * scale;
    const next = isSpanned ? random(`eigenpairs ${taken}`) : rest;
    if (isSpanned) orthogonalise(next, basis);
    if (m === memory) {
      const kept = Array.from({ length: keptOf(count, memory) }, (_, i) => m - 1 - i);
      basis = kept.map((i) => combined(basis, ritz.vectors[i] as Float64Array));
      projected = kept.map((i, a) => kept.map((_, b) => (a === b ? (ritz.values[i] as number) : 0)));
    }
    basis = [...basis, normalised(next)];
  }
}

/** Half of what is not wanted is kept beside what is: more makes restarts frequent, less makes them lose more. */
function keptOf(count: number, memory: number): number {
  return count + Math.floor((memory - count - 1) / 2);
}

function firstVector(start: Float64Array | undefined, random: Float64Array): Float64Array {
  if (start === undefined) return random;
  const unit = normalised(start);
  return normalised(unit.map((value, i) => value + NOISE * (random[i] as number)));
}

function broken(products: number): Eigenpairs {
  return { values: [Number.NaN], vectors: [], residuals: [Number.NaN], images: [], isConverged: false, products };
}

function checkSettings(count: number, products: number, memory: number): void {
  const need = (isMet: boolean, what: string, got: number, repair: string): void => {
    if (!isMet) throw new SettingError(`Of the largest eigenvalues ${what}, got ${got}; try ${repair}`);
  };
  need(Number.isInteger(count) && count >= 1, 'one or more must be wanted', count, '1');
  need(Number.isInteger(products) && products >= count, `${count} must be allowed as many products`, products, '100');
  const least = count + 2;
  need(
    Number.isInteger(memory) && memory >= least,
    `${count} need memory for ${least} vectors`,
    memory,
    `${count + 20}`,
  );
}

/** ‖P g‖² / ‖g‖², P the projection on the span of orthonormal vectors: the share of g in an eigenspace. NaN where g is 0. */
export function shareWithin(vectors: readonly Float64Array[], g: Float64Array): number {
  const parts = vectors.map((vector) => innerProduct(vector, g));
  return innerProduct(parts, parts) / innerProduct(g, g);
}
