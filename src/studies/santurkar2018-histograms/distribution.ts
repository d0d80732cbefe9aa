/** @file What is read off histograms: their moments, how far they are from a Gaussian, and from each other. */

import jStat from 'jstat';
import { need } from '../../errors.ts';
import type { Histogram } from '../../records/histogram.ts';

type Bins = Pick<Histogram, 'edges' | 'counts'>;

/** A bin with the share of all values that lie in it, spread evenly. */
interface Bin {
  readonly left: number;
  readonly right: number;
  readonly share: number;
}

function binsOf({ edges, counts }: Bins): readonly Bin[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count, i) => ({
    left: need(edges[i], 'an edge at the left of each bin'),
    right: need(edges[i + 1], 'an edge at the right of each bin'),
    share: count / total,
  }));
}

/** Mean and variance, of values at the middles of their bins. */
export function momentsOf(histogram: Bins): { readonly mean: number; readonly variance: number } {
  const bins = binsOf(histogram);
  const mean = bins.reduce((sum, { left, right, share }) => sum + (share * (left + right)) / 2, 0);
  const variance = bins.reduce((sum, { left, right, share }) => {
    const away = (left + right) / 2 - mean;
    return sum + share * away * away;
  }, 0);
  return { mean, variance };
}

/**
 * The total-variation distance ½ Σ |p − q| between the shares of the bins and those of the Gaussian with the same mean and
 * variance, with what that has beyond the outermost bins: 0 for its own shares, 1 for a point.
 */
export function distanceToGaussian(histogram: Bins): number {
  const { mean, variance } = momentsOf(histogram);
  if (variance === 0) return 1;
  const below = (value: number): number => (1 + jStat.erf((value - mean) / Math.sqrt(2 * variance))) / 2;
  const bins = binsOf(histogram);
  let [distance, inside] = [0, 0];
  for (const { left, right, share } of bins) {
    const expected = below(right) - below(left);
    distance += Math.abs(share - expected);
    inside += expected;
  }
  return (distance + 1 - inside) / 2;
}

/**
 * The Wasserstein-1 distance ∫ |F₁ − F₂| dx: how far values must be moved on average to make one of the other. Exact for values
 * that are spread evenly in their bins.
 */
export function transport(one: Bins, other: Bins): number {
  const edges = [...new Set([...one.edges, ...other.edges])].toSorted((a, b) => a - b);
  const [ofOne, ofOther] = [sharesBelow(one), sharesBelow(other)];
  const gaps = edges.map((edge) => ofOne(edge) - ofOther(edge));
  let distance = 0;
  for (let i = 1; i < edges.length; i++) {
    const width = need(edges[i], 'an edge') - need(edges[i - 1], 'the edge before it');
    const [from, to] = [need(gaps[i - 1], 'a gap'), need(gaps[i], 'the gap after it')];
    const both = Math.abs(from) + Math.abs(to);
    // Two triangles where the shares cross, a trapezium where they do not.
    if (both > 0) distance += (width * (from * to < 0 ? (from * from + to * to) / both : both)) / 2;
  }
  return distance;
}

/** The share of values below a place, which is evenly more within each bin. */
function sharesBelow(histogram: Bins): (at: number) => number {
  const bins = binsOf(histogram);
  return (at) =>
    bins.reduce((sum, { left, right, share }) => {
      if (at <= left) return sum;
      return sum + (at >= right ? share : (share * (at - left)) / (right - left));
    }, 0);
}

/** How far a layer's distribution moves from one measurement to the next, in standard deviations of both together; per pair. */
export function moves(histograms: readonly Bins[]): readonly number[] {
  return histograms.slice(1).map((histogram, i) => {
    const before = need(histograms[i], 'the measurement before it');
    const variance = (momentsOf(before).variance + momentsOf(histogram).variance) / 2;
    return transport(before, histogram) / Math.sqrt(variance);
  });
}
