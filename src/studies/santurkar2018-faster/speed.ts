/** @file How much sooner one training reaches an accuracy than another. */

import type { TrainingCurve } from '../training-curves.ts';
import { stepsTo } from '../training-curves.ts';
import { CLASSES } from '../vgg-training.ts';

/** The accuracy that both are timed to: this share of the lower of their final training accuracies. */
export const SHARE_OF_FINAL = 0.8;

/** What an arm must have learnt beyond chance for its speed to be judged. */
export const LEARNT_ACCURACY = 0.1;

/**
 * ln(steps of the slower / steps of the faster) to 80 % of the lower of both final running training accuracies; one that does not
 * get there counts as its last step. Not a number where either has learnt nothing, or has diverged.
 */
export function speedUp({ curve: slow, steps: slowSteps }: Timed, { curve: fast, steps: fastSteps }: Timed): number {
  if (slow.divergedAt !== undefined || fast.divergedAt !== undefined) return Number.NaN;
  const lower = Math.min(slow.finalAccuracy, fast.finalAccuracy);
  if (!(lower > 1 / CLASSES + LEARNT_ACCURACY)) return Number.NaN;
  const accuracy = SHARE_OF_FINAL * lower;
  return Math.log(stepsTo(accuracy, slow, slowSteps) / stepsTo(accuracy, fast, fastSteps));
}

/** A training with the steps that it was given. */
export interface Timed {
  readonly curve: TrainingCurve;
  readonly steps: number;
}
