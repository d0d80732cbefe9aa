/** @file Explicit matrices whose spectra are known, as operators: what tests of curvature try algorithms on. */

import { normalised, subtract, type SymmetricOperator } from '../src/curvature/operator.ts';
import { innerProduct } from '../src/math/inner-product.ts';
import { randomArray } from '../src/testing/gradcheck.ts';

export interface Known extends SymmetricOperator {
  products: number;
  /** The eigenvector of eigenvalue number i. */
  readonly eigenvector: (i: number) => Float64Array;
}

/** Q diag(λ) Qᵀ with Q a product of reflections: a matrix with these eigenvalues, in axes that no algorithm can guess. */
export function matrixWith(spectrum: readonly number[]): Known {
  const size = spectrum.length;
  const mirrors = ['first', 'second', 'third'].map((name) => normalised(Float64Array.from(randomArray(size, name))));
  const reflect = (v: Float64Array, u: Float64Array): void => subtract(v, 2 * innerProduct(u, v), u);
  const known: Known = {
    size,
    products: 0,
    apply: async (given) => {
      known.products += 1;
      const v = given.slice();
      for (const u of mirrors) reflect(v, u);
      for (let i = 0; i < size; i++) v[i] = (v[i] ?? Number.NaN) * (spectrum[i] ?? Number.NaN);
      for (const u of mirrors.toReversed()) reflect(v, u);
      return v;
    },
    eigenvector: (i) => {
      const v = new Float64Array(size);
      v[i] = 1;
      for (const u of mirrors.toReversed()) reflect(v, u);
      return v;
    },
  };
  return known;
}

/** A bulk of small eigenvalues of both signs, and outliers, as the Hessians of networks have. */
export const bulk: readonly number[] = Array.from({ length: 300 }, (_, i) => Math.cos(7 * i));
export const outliers: readonly number[] = [-3, 5, 8, 21];
export const spectrum: readonly number[] = [...bulk, ...outliers];
