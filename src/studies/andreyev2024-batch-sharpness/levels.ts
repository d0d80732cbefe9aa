/** @file Where batch sharpness and the largest eigenvalue of the whole loss stand once the former is at the edge (andreyev2024). */

import { mean, median } from '../../math/statistics.ts';
import type { Records, Series } from '../../records/records.ts';
import { afterArrival, cameApart, levelAtEdge, scaledBy } from '../edge.ts';
import { valuesFrom } from '../training-curves.ts';

/** Means over stretches of `length` steps, each at the first step of its stretch; of steps 0 to 9, 10 to 19 and so on for 10. */
export function stretchMeans({ x, y }: Series, length: number): Series {
  const stretches = new Map<number, number[]>();
  for (const [i, step] of x.entries()) {
    const start = length * Math.floor(step / length);
    const own = stretches.get(start) ?? [];
    own.push(y[i] ?? Number.NaN);
    stretches.set(start, own);
  }
  return {
    x: [...stretches.keys()],
    y: [...stretches.values()].map((own) => (own.every(Number.isFinite) ? mean(own) : Number.NaN)),
  };
}

/**
 * The two ways in which gᵀHg/‖g‖² is averaged over batches: the mean of the ratios, and the ratio of the means of gᵀHg and ‖g‖²,
 * in which batches count by their gradients.
 */
export const readings = ['mean of ratios', 'ratio of means'] as const;
export type Reading = (typeof readings)[number];

/** Batch sharpness over each stretch of steps, whose batches stand for all. */
export function batchSharpnessOver(records: Records, stretch: number, reading: Reading): Series {
  const ratios = records.series('batch-sharpness', 'step');
  if (reading === 'mean of ratios') return stretchMeans(ratios, stretch);
  const squares = records.values('batch-gradient-square');
  const products = ratios.y.map((ratio, i) => ratio * (squares[i] ?? Number.NaN));
  const above = stretchMeans({ x: ratios.x, y: products }, stretch);
  const below = stretchMeans({ x: ratios.x, y: squares }, stretch);
  return { x: above.x, y: above.y.map((value, i) => value / (below.y[i] ?? Number.NaN)) };
}

/** Of batch sharpness × rate/2 by each reading, from its own arrival on, and of the largest eigenvalue; NaN where it never arrives. */
export type Levels = Readonly<Record<Reading, number>> & {
  /** Of λ × rate/2 once the mean of ratios has arrived, λ the largest eigenvalue of the Hessian of the whole loss. */
  readonly largest: number;
};

/** Medians of one training; none of one that diverged. */
export function levelsOf(
  records: Records,
  { rate, stretch, arrival }: { readonly rate: number; readonly stretch: number; readonly arrival: number },
): Levels {
  if (cameApart(records)) {
    return { 'mean of ratios': Number.NaN, 'ratio of means': Number.NaN, largest: Number.NaN };
  }
  const over = (reading: Reading): Series => scaledBy(batchSharpnessOver(records, stretch, reading), rate / 2);
  const from = afterArrival(over('mean of ratios'), arrival).x[0] ?? Number.POSITIVE_INFINITY;
  const eigenvalues = valuesFrom(records, 'data-sharpness', from).map((value) => (value * rate) / 2);
  const isMeasured = eigenvalues.length > 0 && eigenvalues.every(Number.isFinite);
  return {
    'mean of ratios': levelAtEdge(over('mean of ratios'), arrival),
    'ratio of means': levelAtEdge(over('ratio of means'), arrival),
    largest: isMeasured ? median(eigenvalues) : Number.NaN,
  };
}

/** Median of batch sharpness × rate/2 over the last half of a training's steps, whether it has come to 2/rate or not. */
export function lastHalf(
  records: Records,
  { rate, stretch, reading }: { readonly rate: number; readonly stretch: number; readonly reading: Reading },
): number {
  const { x, y } = scaledBy(batchSharpnessOver(records, stretch, reading), rate / 2);
  const middle = (x.at(-1) ?? Number.NaN) / 2;
  const late = y.filter((_, i) => (x[i] ?? Number.NaN) >= middle);
  return !cameApart(records) && late.length > 0 && late.every(Number.isFinite) ? median(late) : Number.NaN;
}
