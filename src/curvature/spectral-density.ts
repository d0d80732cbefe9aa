/**
 * @file How the eigenvalues of a large symmetric matrix are distributed, by stochastic Lanczos quadrature (Ubaru, Chen and
 * Saad 2017; of networks, Ghorbani et al. 2019): an average over random first vectors of what Lanczos makes of each.
 */

import { SettingError } from '../errors.ts';
import { lanczos } from './lanczos.ts';
import type { SymmetricOperator } from './operator.ts';

export interface DensitySettings {
  /** Random first vectors: the more, the less the result hangs on chance. */
  readonly vectors: number;
  /** m, products with each: moments of the spectrum are right up to order 2 m − 1, but for chance. */
  readonly steps: number;
  /** Keys the first vectors. */
  readonly seed: number;
  /** Separates the first vectors of one seed: the training step; default 0. */
  readonly step?: number;
}

/** A part of the spectrum: `weight` of all eigenvalues, as if they stood at `value`. */
export interface SpectralNode {
  readonly value: number;
  readonly weight: number;
}

/**
 * The nodes of all first vectors, ascending; their weights sum to 1.
 * @throws {SettingError} unless there is a vector or more, and a step.
 *
 * @example
 * const operator = { size: 50, apply: async (v: Float64Array) => v.map((value, i) => value * (i % 2)) };
 * const nodes = await spectralNodes(operator, { vectors: 4, steps: 5, seed: 0 });
 * console.log(smoothedDensity(nodes, [0, 0.5, 1], 0.1)); // high at 0 and 1, where half of all eigenvalues are each
 */
export async function spectralNodes(
  operator: SymmetricOperator,
  { vectors, steps, seed, step = 0 }: DensitySettings,
): Promise<readonly SpectralNode[]> {
  if (!Number.isInteger(vectors) || vectors < 1) {
    throw new SettingError(`A spectral density must be of 1 first vector or more, got ${vectors}; try 10`);
  }
  const nodes: SpectralNode[] = [];
  for (let i = 0; i < vectors; i++) {
    const { values, weights } = await lanczos(operator, { steps, seed, step, name: `density ${i}` });
    nodes.push(...values.map((value, k) => ({ value, weight: (weights[k] as number) / vectors })));
  }
  return nodes.toSorted((a, b) => a.value - b.value);
}

/** Σ wᵢ N(x; θᵢ, width²) at each x of the grid: the density with every node blurred by a Gaussian of that deviation. */
export function smoothedDensity(
  nodes: readonly SpectralNode[],
  grid: readonly number[],
  width: number,
): readonly number[] {
  const scale = 1 / (width * Math.sqrt(2 * Math.PI));
  return grid.map((x) =>
    nodes.reduce((sum, { value, weight }) => {
      const distance = (x - value) / width;
      return sum + weight * scale * Math.exp((-distance * distance) / 2);
    }, 0),
  );
}
