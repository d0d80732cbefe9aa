/** @file Counts of values in bins, as histogram figures take them. */

import { need } from '../errors.ts';

/** Counts between consecutive edges, the last bin closed; values outside count in the outermost bins. */
export function countBetween(values: readonly number[], edges: readonly number[]): readonly number[] {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  for (const value of values) {
    const above = edges.findIndex((edge) => edge > value);
    const bin = above === -1 ? counts.length - 1 : Math.max(0, above - 1);
    counts[bin] = need(counts[bin], 'a bin for each value') + 1;
  }
  return counts;
}

/** count + 1 edges of bins of one width from low to high. */
export function evenEdges(low: number, high: number, count: number): readonly number[] {
  return Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
}
