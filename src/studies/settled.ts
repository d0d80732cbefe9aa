/** @file Whether a training was long enough for its accuracy to be compared: it has fitted its examples, or come to a plateau. */

import { average } from '../math/statistics.ts';
import { type TrainingCurve } from './training-curves.ts';

/** Running training accuracy from which on a training has fitted what it was given. */
export const FITTED_ACCURACY = 0.95;

/** When the rate of a training first falls, and how little its loss must fall by then. */
export interface Phase {
  /** Steps before the first fall of the rate: afterwards a small rate holds any loss still. */
  readonly steps: number;
  /** A share of the loss. */
  readonly improvement: number;
}

/**
 * Whether the final running training accuracy is 95 % or more, or the mean loss over the last quarter of the steps at the initial
 * rate is not below that of the quarter before by the improvement. One that has diverged is neither.
 */
export function isSettled({ loss, finalAccuracy, divergedAt }: TrainingCurve, { steps, improvement }: Phase): boolean {
  if (divergedAt !== undefined) return false;
  const quarter = (n: number): number =>
    average(loss.slice(Math.floor((n * steps) / 4), Math.floor(((n + 1) * steps) / 4)));
  return finalAccuracy >= FITTED_ACCURACY || quarter(3) >= (1 - improvement) * quarter(2);
}
