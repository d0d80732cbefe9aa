/** @file What is read off the rays of a deep linear network: medians over its probes. */

import { median } from '../../math/statistics.ts';
import type { Records } from '../../records/records.ts';

export interface RayMedians {
  /** max L − min L over step sizes. */
  readonly range: number;
  /** max ‖Δg‖. */
  readonly change: number;
  /** max ‖Δg‖ / (s‖g‖). */
  readonly beta: number;
}

/**
 * Over the probes of some steps. Losses are not cut off; what is not finite counts as the largest finite one of its quantity in
 * the cell.
 */
export function rayMedians(records: Records, isIn: (step: number) => boolean): RayMedians {
  const over = (quantity: string, of: (values: readonly number[]) => number): number => {
    const all = records.of(quantity).filter(({ at }) => at !== 0);
    const largest = Math.max(...all.flatMap(({ value }) => (Number.isFinite(value) ? [value] : [])));
    const perStep = new Map<number, number[]>();
    for (const { step, value } of all) {
      if (!isIn(step)) continue;
      const values = perStep.get(step) ?? [];
      values.push(Number.isFinite(value) ? value : largest);
      perStep.set(step, values);
    }
    const found = [...perStep.values()].map(of);
    return found.length === 0 || !found.every(Number.isFinite) ? Number.NaN : median(found);
  };
  return {
    range: over('ray-loss', (losses) => Math.max(...losses) - Math.min(...losses)),
    change: over('ray-gradient-change', (values) => Math.max(...values)),
    beta: over('ray-beta', (values) => Math.max(...values)),
  };
}
