/**
 * @file Lanczos' algorithm with full reorthogonalisation (Golub and Van Loan, Matrix Computations, section 10.3): after m
 * products, the extreme eigenvalues of a large symmetric matrix, how far each is from one, and the weights of its spectral
 * density.
 */

import { SettingError } from '../errors.ts';
import { euclideanNorm, innerProduct } from '../math/inner-product.ts';
import { symmetricEigenvectors } from '../math/symmetric-eigenvectors.ts';
import { randomUnit, subtract, type SymmetricOperator } from './operator.ts';

export interface LanczosSettings {
  /** m, products at most; as many vectors are kept. */
  readonly steps: number;
  /** Keys the first vector. */
  readonly seed: number;
  /** Separates the first vectors of one seed: the training step; default 0. */
  readonly step?: number;
  /** Separates the first vectors of one seed and step; default `lanczos`. */
  readonly name?: string;
}

export interface Spectrum {
  /** Ritz values, ascending: the first and last come near to the least and the largest eigenvalue. NaN where a product was. */
  readonly values: readonly number[];
  /** Of each, ‖A y − θ y‖: there is an eigenvalue at most so far from θ, but for the rounding of the products themselves. */
  readonly residuals: readonly number[];
  /** Of each, its share of the first vector: Gaussian quadrature of the spectral density. They sum to 1. */
  readonly weights: readonly number[];
}

/**
 * As many Ritz values as products, or fewer where these already span all that the first vector can reach.
 * @throws {SettingError} unless steps is a whole number of 1 or more.
 */
export async function lanczos(
  operator: SymmetricOperator,
  { steps, seed, step = 0, name = 'lanczos' }: LanczosSettings,
): Promise<Spectrum> {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new SettingError(`Lanczos' algorithm must take 1 step or more, got ${steps}; try 20`);
  }
  const basis = [randomUnit(operator.size, { seed, purpose: 'probe', step, layer: name })];
  const diagonal: number[] = [];
  const below: number[] = [];
  for (let v = basis[0]; v !== undefined; v = basis[diagonal.length]) {
    const product = await operator.apply(v);
    const alpha = innerProduct(v, product);
    diagonal.push(alpha);
    // Twice is enough: what the first pass leaves by rounding, the second takes away.
    for (let pass = 0; pass < 2; pass++) for (const u of basis) subtract(product, innerProduct(u, product), u);
    const beta = euclideanNorm(product);
    if (!Number.isFinite(alpha + beta)) return { values: [Number.NaN], residuals: [Number.NaN], weights: [Number.NaN] };
    below.push(beta);
    const scale = Math.max(...diagonal.map(Math.abs), ...below);
    const isSpanned = beta <= operator.size * Number.EPSILON * scale;
    if (isSpanned || diagonal.length === Math.min(steps, operator.size)) break;
    basis.push(product.map((value) => value / beta));
  }
  return spectrumOf(diagonal, below);
}

/** From the tridiagonal matrix T of m rows, and the length β of what the last product leaves, to the Ritz values. */
function spectrumOf(diagonal: readonly number[], below: readonly number[]): Spectrum {
  const m = diagonal.length;
  const T = new Float64Array(m * m);
  for (const [i, alpha] of diagonal.entries()) {
    T[i * m + i] = alpha;
    if (i + 1 < m) T[i * m + i + 1] = T[(i + 1) * m + i] = below[i] as number;
  }
  const { values, vectors } = symmetricEigenvectors(T, m);
  const left = below[m - 1] as number;
  return {
    values: [...values],
    residuals: vectors.map((s) => left * Math.abs(s[m - 1] as number)),
    weights: vectors.map(([first = 0]) => first * first),
  };
}
