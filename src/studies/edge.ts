/** @file The edge of stability (cohen2021): when a curvature arrives at 2/rate, and whether it stays there. */

import { median } from '../math/statistics.ts';
import type { Records, Series } from '../records/records.ts';
import type { SgdSettings } from '../train/optimisers/sgd.ts';

/** Curvature times rate over two, which is 1 at the edge: from when on it has arrived, and where it then stays. */
export const edgeRule = { arrival: 0.95, low: 0.9, high: 1.3 } as const;

/** As many of the series as come no earlier than its first value at or beyond arrival; empty where it never arrives. */
export function afterArrival({ x, y }: Series, arrival: number = edgeRule.arrival): Series {
  const first = y.findIndex((value) => value >= arrival);
  return first < 0 ? { x: [], y: [] } : { x: x.slice(first), y: y.slice(first) };
}

/** Median of a curvature × rate/2 from its arrival on; NaN where it never arrives, or is no number once it has. */
export function levelAtEdge(series: Series, arrival: number = edgeRule.arrival): number {
  const { y } = afterArrival(series, arrival);
  return y.length > 0 && y.every(Number.isFinite) ? median(y) : Number.NaN;
}

/** The middle of [low, high] by ratios, and how far its ends are from it: a level lies within where |ln(level/middle)| < reach. */
export function edgeBand({ low, high }: { readonly low: number; readonly high: number } = edgeRule): {
  readonly middle: number;
  readonly reach: number;
} {
  return { middle: Math.sqrt(low * high), reach: Math.log(high / low) / 2 };
}

/** Every value times a factor: a curvature as a multiple of 2/rate. */
export function scaledBy({ x, y }: Series, factor: number): Series {
  return { x, y: y.map((value) => factor * value) };
}

/** Whether a training came apart: it then stays nowhere, whatever was measured before. */
export function cameApart(records: Records): boolean {
  return records.of('diverged').length > 0;
}

/**
 * The largest curvature at which descent on a quadratic does not diverge: 2/rate; with momentum m 2 (1 + m)/rate, and by Nesterov's
 * 2 (1 + m)/((1 + 2 m) rate) (cohen2021, section 2 and appendix B).
 */
export function edgeOfStability(
  rate: number,
  { momentum, nesterov }: Pick<SgdSettings, 'momentum' | 'nesterov'>,
): number {
  return (2 * (1 + momentum)) / ((nesterov ? 1 + 2 * momentum : 1) * rate);
}
