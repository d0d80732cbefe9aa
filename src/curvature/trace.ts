/** @file The trace of a large symmetric matrix by Hutchinson's estimator (1990), with its standard error. */

import { SettingError } from '../errors.ts';
import { innerProduct } from '../math/inner-product.ts';
import { createStream } from '../math/random.ts';
import type { SymmetricOperator } from './operator.ts';

export interface TraceSettings {
  /** Random vectors z, a product each; one alone has no standard error. */
  readonly vectors: number;
  /** What z is drawn from: entries of ±1, whose variance is least, or Gaussian ones. Default `rademacher`. */
  readonly distribution?: 'rademacher' | 'gaussian';
  /** Keys the vectors. */
  readonly seed: number;
  /** Separates the vectors of one seed: the training step; default 0. */
  readonly step?: number;
}

export interface TraceEstimate {
  /** Mean of zᵀA z: its expectation is the trace. */
  readonly value: number;
  /** Standard deviation of the zᵀA z over the root of their number; NaN of one vector. */
  readonly standardError: number;
}

/**
 * The variance of zᵀA z is 2 (‖A‖_F² − Σ aᵢᵢ²) with entries of ±1, and 2 ‖A‖_F² with Gaussian ones.
 * @throws {SettingError} unless there is a vector or more.
 *
 * @example
 * const operator = { size: 3, apply: async (v: Float64Array) => v.map((value, i) => value * (i + 1)) };
 * const { value, standardError } = await traceOf(operator, { vectors: 5, seed: 0 });
 * console.log(value, standardError); // 6 and 0: of a diagonal, entries of ±1 see nothing else
 */
export async function traceOf(
  operator: SymmetricOperator,
  { vectors, distribution = 'rademacher', seed, step = 0 }: TraceSettings,
): Promise<TraceEstimate> {
  if (!Number.isInteger(vectors) || vectors < 1) {
    throw new SettingError(`A trace must be estimated by 1 vector or more, got ${vectors}; try 10`);
  }
  const estimates: number[] = [];
  for (let i = 0; i < vectors; i++) {
    const stream = createStream({ seed, purpose: 'probe', step, layer: `trace ${i}` });
    const z = new Float64Array(operator.size);
    if (distribution === 'gaussian') stream.fillNormal(z, 0, 1);
    else for (let j = 0; j < z.length; j++) z[j] = stream.uint32() >>> 31 === 0 ? -1 : 1;
    estimates.push(innerProduct(z, await operator.apply(z)));
  }
  const value = estimates.reduce((a, b) => a + b, 0) / vectors;
  const errors = estimates.map((estimate) => estimate - value);
  return { value, standardError: Math.sqrt(innerProduct(errors, errors) / (vectors - 1) / vectors) };
}
