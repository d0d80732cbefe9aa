/** @file How far noise alone keeps a network from what it learns without: the effect of one seed. */

import { LEARNT_ACCURACY } from '../santurkar2018-faster/speed.ts';
import { endAccuracy } from '../trainable.ts';
import type { TrainingCurve } from '../training-curves.ts';
import { CLASSES } from '../vgg-training.ts';

/** The share of the standard network's gain over chance that a network which trains "not at all" may come to. */
export const SHARE_LEFT = 0.25;

/**
 * chance + ¼ (standard − chance) − noise, of the final running training accuracies: positive where noise leaves less than a quarter
 * of the gain over chance. A training with noise that diverged counts as chance. Not a number where the standard network has not
 * learnt.
 */
export function keptFromTraining(standard: TrainingCurve, noise: TrainingCurve): number {
  const chance = 1 / CLASSES;
  const gain = endAccuracy(standard) - chance;
  if (!(gain > LEARNT_ACCURACY)) return Number.NaN;
  const left = noise.divergedAt === undefined ? noise.finalAccuracy : chance;
  return chance + SHARE_LEFT * gain - left;
}
