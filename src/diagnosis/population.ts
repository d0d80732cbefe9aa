/** @file Statistics of a population, pooled over batches whose own are known, and how far running ones are from them. */

import { squareOf } from '../math/power.ts';
import { middleOf } from './groups.ts';

/** Mean and biased variance of each channel on one batch, as the norm computed them. */
export interface BatchStatistics {
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
}

export interface Population {
  /** [C]. */
  readonly mean: Float64Array;
  /** [C], unbiased: M/(M − 1) times the pooled one of M values in all, as running statistics estimate it. */
  readonly variance: Float64Array;
  /** [C], the standard deviation over batches of the batch mean, in standard deviations of the population. */
  readonly wander: Float64Array;
}

/**
 * Pools B batches of m values each: mean = mean of means; variance = mean of biased variances + biased variance of means,
 * times M/(M − 1) with M = B m.
 * @param perBatch - m
 */
export function pool(batches: readonly BatchStatistics[], perBatch: number): Population {
  const channels = batches[0]?.mean.length ?? 0;
  const [mean, variance, wander] = [0, 0, 0].map(() => new Float64Array(channels)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const count = batches.length;
  const total = count * perBatch;
  for (let c = 0; c < channels; c++) {
    let [sum, within, between] = [0, 0, 0];
    for (const batch of batches) {
      sum += batch.mean[c] as number;
      within += batch.variance[c] as number;
    }
    const centre = sum / count;
    for (const batch of batches) between += squareOf((batch.mean[c] as number) - centre);
    mean[c] = centre;
    variance[c] = ((within + between) / count) * (total / (total - 1));
    const spread = Math.sqrt(variance[c] as number);
    wander[c] = spread > 0 ? Math.sqrt(between / Math.max(1, count - 1)) / spread : 0;
  }
  return { mean, variance, wander };
}

/** How far running statistics are from a population's: D and R of own-models' rule, medians over channels. */
export interface Staleness {
  /** median |mean_run − mean| / s. */
  readonly distance: number;
  /** median |log2(variance_run / s²)|. */
  readonly ratio: number;
}

/** Channels that are constant say nothing of either and are left out; both are 0 where all are. */
export function stalenessOf(
  running: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> },
  { mean, variance }: Population,
  epsilon: number,
): Staleness {
  const [distances, ratios]: [number[], number[]] = [[], []];
  for (let c = 0; c < mean.length; c++) {
    const square = variance[c] as number;
    if (!(square > epsilon)) continue;
    distances.push(Math.abs((running.mean[c] as number) - (mean[c] as number)) / Math.sqrt(square));
    // As the norm sees them, below the root: a variance that epsilon drowns makes no difference.
    ratios.push(Math.abs(Math.log2(((running.variance[c] as number) + epsilon) / (square + epsilon))));
  }
  if (distances.length === 0) return { distance: 0, ratio: 0 };
  return { distance: middleOf(distances), ratio: middleOf(ratios) };
}
