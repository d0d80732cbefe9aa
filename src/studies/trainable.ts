/** @file Which trainings of a sweep over settings count as trained: those that come half as far as the best of them. */

import type { TrainingCurve } from './training-curves.ts';

/** The share that a training must gain over chance of what the best one gains. */
export const SHARE_OF_BEST = 0.5;

export interface Chance {
  /** The accuracy of a guess. */
  readonly accuracy: number;
  /** What the best training must gain over it; where it does not, none of the sweep has trained. */
  readonly learnt: number;
}

/**
 * For each training of an arm and a seed whether its final running accuracy exceeds chance + ½ (best − chance), the best being the
 * best of them. One that has diverged has not trained, whatever it had come to.
 */
export function trained(curves: readonly TrainingCurve[], chance: Chance): readonly boolean[] {
  const gains = curves.map((curve) => endAccuracy(curve) - chance.accuracy);
  const best = Math.max(...gains.filter(Number.isFinite));
  return gains.map((gain) => best > chance.learnt && gain > SHARE_OF_BEST * best);
}

/** The final running training accuracy; not a number of a training that has diverged. */
export function endAccuracy({ finalAccuracy, divergedAt }: TrainingCurve): number {
  return divergedAt === undefined ? finalAccuracy : Number.NaN;
}
