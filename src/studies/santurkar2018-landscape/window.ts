/** @file Which probes are compared: the window that both arms share, and pairs of equal training loss. */

import { counted } from '../../counted.ts';
import { RUNNING_BATCHES } from '../training-curves.ts';
import { rule } from './protocol.ts';
import type { CellSeries, ProbePoint } from './series.ts';

/** Probes of both arms, to be compared arm by arm. */
export interface Comparison {
  readonly standard: readonly ProbePoint[];
  readonly batch: readonly ProbePoint[];
}

/**
 * The window of one seed, from the first probe (step 19 or later) at which the standard arm's running training accuracy
 * exceeds chance by 10 points, to the last probe that both arms reached: the same steps for both.
 * @returns a reason in words where there is no such window of 10 probes.
 */
export function windowOf(standard: CellSeries, batch: CellSeries, classes: number): Comparison | string {
  const threshold = 1 / classes + rule.learntAccuracy;
  const begin = standard.points.find(
    ({ step, runningAccuracy }) => step >= RUNNING_BATCHES - 1 && runningAccuracy > threshold,
  );
  if (begin === undefined) {
    return `the standard arm never exceeded ${Math.round(100 * threshold)} % running training accuracy`;
  }
  const steps = new Set(batch.points.map(({ step }) => step));
  const shared = standard.points.filter(({ step }) => step >= begin.step && steps.has(step));
  if (shared.length < rule.leastProbes) {
    return `the window holds ${counted(shared.length, 'probe')}, fewer than ${rule.leastProbes}`;
  }
  const inWindow = new Set(shared.map(({ step }) => step));
  return { standard: shared, batch: batch.points.filter(({ step }) => inWindow.has(step)) };
}

/**
 * Each standard probe of the window with the batch-norm probe, of its whole run, of nearest running loss (ties to the
 * earlier). Pairs further apart than 0.1 are dropped.
 * @returns a reason in words where fewer than 10 pairs, or 3 different batch-norm probes, are left.
 */
export function matchByLoss(window: Comparison, batch: CellSeries): Comparison | string {
  const pairs = window.standard.flatMap((standard) => {
    const nearest = nearestByLoss(batch.points, standard.runningLoss);
    if (nearest === undefined) return [];
    const distance = Math.abs(nearest.runningLoss - standard.runningLoss);
    return distance <= rule.lossTolerance ? [{ standard, batch: nearest }] : [];
  });
  const different = new Set(pairs.map((pair) => pair.batch.step)).size;
  if (pairs.length < rule.leastProbes) return `${pairs.length} matched pairs, fewer than ${rule.leastProbes}`;
  if (different < rule.leastMatchedProbes) {
    return `${different} different batch-norm probes among the pairs, fewer than ${rule.leastMatchedProbes}`;
  }
  return { standard: pairs.map((pair) => pair.standard), batch: pairs.map((pair) => pair.batch) };
}

function nearestByLoss(points: readonly ProbePoint[], loss: number): ProbePoint | undefined {
  let best: ProbePoint | undefined;
  for (const point of points) {
    const distance = Math.abs(point.runningLoss - loss);
    if (Number.isNaN(distance)) continue;
    if (best === undefined || distance < Math.abs(best.runningLoss - loss)) best = point;
  }
  return best;
}
