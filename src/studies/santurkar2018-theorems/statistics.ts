/** @file One unit's numbers on the host, and the projection that the Jacobian of batch norm is made of. */

import { need } from '../../errors.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { mean } from '../../math/statistics.ts';

/** Column `unit` of a matrix [m, units]. */
export function columnOf(matrix: Float64Array | undefined, unit: number, units: number): Float64Array {
  const data = need(matrix, `a matrix of ${units} columns`);
  return Float64Array.from({ length: data.length / units }, (_, i) => data[i * units + unit] as number);
}

/** A matrix [m, units] from its columns. */
export function fromColumns(columns: readonly Float64Array[]): Float64Array {
  const units = columns.length;
  const m = need(columns[0], 'a column').length;
  return Float64Array.from({ length: m * units }, (_, i) => columns[i % units]?.[Math.floor(i / units)] as number);
}

export interface Standardised {
  readonly mean: number;
  /** √(Σ(y − mean)²/m): biased. */
  readonly sigma: number;
  /** ŷ = (y − mean)/σ, of mean 0 and ‖ŷ‖² = m. */
  readonly yhat: Float64Array;
}

export function standardise(y: Float64Array): Standardised {
  const centre = mean(y);
  const centred = y.map((value) => value - centre);
  const sigma = Math.sqrt(innerProduct(centred, centred) / y.length);
  return { mean: centre, sigma, yhat: centred.map((value) => value / sigma) };
}

/**
 * P v = v − 1⟨1, v⟩/m − ŷ⟨ŷ, v⟩/m. The Jacobian of batch norm is ∂z/∂y = (gamma/σ) P (santurkar2018, Fact C.2): from
 * ∂mean/∂y = 1/m and ∂σ/∂y = ŷ/m. As ⟨1, ŷ⟩ = 0 and ‖1‖² = ‖ŷ‖² = m, P is the orthogonal projection along 1 and ŷ,
 * of rank m − 2.
 */
export function project(v: Float64Array, yhat: Float64Array): Float64Array {
  const m = v.length;
  const centre = mean(v);
  const along = innerProduct(v, yhat) / m;
  return v.map((value, i) => value - centre - along * (yhat[i] as number));
}
