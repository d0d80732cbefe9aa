/** @file How many seeds would do where these cannot decide. */

import { counted } from '../counted.ts';
import type { Interval } from '../math/statistics.ts';
import { standardDeviation } from '../math/statistics.ts';
import { studentQuantile } from '../math/student.ts';

/** No one runs more. */
const MOST = 1000;

/**
 * The least n with t(0.975, n − 1) · s / √n below the distance from the mean to the margin: so many seeds give an interval that
 * clears it, if others have the mean and the deviation s of these.
 * @param distance - 0 or more
 * @returns undefined beyond 1,000
 */
export function seedsNeeded(effects: readonly number[], distance: number): number | undefined {
  const deviation = standardDeviation(effects);
  for (let n = 2; n <= MOST; n++) if (studentQuantile(0.975, n - 1) * (deviation / Math.sqrt(n)) < distance) return n;
  return undefined;
}

/** "some 34 seeds would decide, if others are like these 10". @param margin - an end of what the interval must clear */
export function seedsNeededText(effects: readonly number[], { mean }: Interval, margin: number): string {
  const needed = seedsNeeded(effects, Math.abs(mean - margin));
  const many = needed === undefined ? 'more than 1,000 seeds' : `some ${counted(needed, 'seed')}`;
  return `${many} would decide, if others are like these ${effects.length}`;
}
