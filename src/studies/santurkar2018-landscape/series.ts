/** @file A cell's records as series over its probes: what the rule works on. */

import type { Records } from '../../records/records.ts';
import { curveOf } from '../training-curves.ts';
import { rule } from './protocol.ts';

/** Everything the rule needs to know of one probe. */
export interface ProbePoint {
  readonly step: number;
  /** Means over the last 20 batches, this one included. */
  readonly runningLoss: number;
  readonly runningAccuracy: number;
  /** max and min of the loss over s ≥ eta/2, losses cut off at 1e3. */
  readonly lossLow: number;
  readonly lossHigh: number;
  /** max and min of ‖Δg‖ over s ≥ eta/2. */
  readonly changeLow: number;
  readonly changeHigh: number;
  /** max of beta over s ≥ eta/2. */
  readonly beta: number;
  /** Any recorded quantity of a ray, by name and multiple; NaN where it is not a number and nothing counts for it. */
  readonly at: (quantity: string, multiple: number) => number;
  /** max of |L(0) − L(s)| / (s‖g‖) over all s: the Lipschitz constant of the loss along the ray. */
  readonly slope: number;
}

export interface CellSeries {
  readonly points: readonly ProbePoint[];
  /** Running means at every step. */
  readonly runningLoss: readonly number[];
  readonly runningAccuracy: readonly number[];
  /** Set where the run ended before its last step. */
  readonly divergedAt: number | undefined;
}

/** What the landscape probe records of its rays. */
const rayQuantity = /^(random-)?ray-/;

/** What counts as the largest finite one of its cell where it is not finite: norms, and ratios to one. */
const growing = /-(gradient-change|relative-change|beta|lipschitz)$/;

/** Reads a cell's records. Losses are cut off at 1e3; a non-finite norm or beta counts as the largest finite one. */
export function cellSeries(records: Records): CellSeries {
  const { runningLoss, runningAccuracy, divergedAt } = curveOf(records);
  const rays = new Map<number, Map<string, number>>();
  const largest = new Map<string, number>();
  for (const { step, quantity, at, value } of records.all) {
    if (at === undefined || !rayQuantity.test(quantity)) continue;
    const ray = rays.get(step) ?? new Map<string, number>();
    rays.set(step, ray.set(key(quantity, at), value));
    if (Number.isFinite(value)) largest.set(quantity, Math.max(largest.get(quantity) ?? 0, Math.abs(value)));
  }
  const points = [...rays].map(([step, ray]) =>
    probePoint(step, ray, largest, runningLoss[step] ?? Number.NaN, runningAccuracy[step] ?? Number.NaN),
  );
  return { points, runningLoss, runningAccuracy, divergedAt };
}

function probePoint(
  step: number,
  ray: ReadonlyMap<string, number>,
  largest: ReadonlyMap<string, number>,
  runningLoss: number,
  runningAccuracy: number,
): ProbePoint {
  const at = (quantity: string, multiple: number): number => {
    const value = ray.get(key(quantity, multiple)) ?? Number.NaN;
    if (quantity.endsWith('-loss')) return value <= rule.lossCap ? value : rule.lossCap;
    if (Number.isFinite(value)) return value;
    return growing.test(quantity) ? (largest.get(quantity) ?? Number.NaN) : Number.NaN;
  };
  const all = [...ray.keys()]
    .filter((name) => name.startsWith('ray-beta@'))
    .map((name) => Number(name.slice('ray-beta@'.length)));
  const multiples = all.filter((multiple) => multiple >= rule.leastMultiple);
  const over = (quantity: string): number[] => multiples.map((multiple) => at(quantity, multiple));
  const maxOver = (quantity: string): number => Math.max(...over(quantity));
  return {
    step,
    runningLoss,
    runningAccuracy,
    lossLow: Math.min(...over('ray-loss')),
    lossHigh: maxOver('ray-loss'),
    changeLow: Math.min(...over('ray-gradient-change')),
    changeHigh: maxOver('ray-gradient-change'),
    beta: maxOver('ray-beta'),
    at,
    slope: Math.max(...all.map((multiple) => at('ray-lipschitz', multiple))),
  };
}

function key(quantity: string, multiple: number): string {
  return `${quantity}@${multiple}`;
}
