/** @file The largest learning rate that a training survives: a search by doubling and bisection, whatever a trial is. */

import { SettingError } from '../errors.ts';
import { power } from '../math/power.ts';
import { type Interval, studentInterval } from '../math/statistics.ts';

export interface CeilingSearch {
  /** The rate that is tried first. */
  readonly from: number;
  /** The search ends once the rate that fails is at most so many times the one that holds; above 1. */
  readonly ratio: number;
  /** Rates beyond are not tried: a ceiling outside is told by one end of the bracket alone. */
  readonly least: number;
  readonly most: number;
}

/** Between which rates the ceiling lies. */
export interface Bracket {
  /** The largest rate that holds; undefined where the least of all fails. */
  readonly holds: number | undefined;
  /** The smallest rate that fails; undefined where the largest of all holds. */
  readonly fails: number | undefined;
}

/** The first jumps away from a rate; each is the square of the one before. */
const FIRST_JUMP = 2;

/**
 * Jumps up from a rate that holds, or down from one that fails, further each time; then halves the bracket on the logarithmic
 * scale. It takes rates below one that holds to hold, and those above one that fails to fail: whether they do is for trials
 * beyond the search to say.
 * @param holds - whether a training at this rate holds
 * @throws {SettingError} for a search that could not end.
 */
export async function findCeiling(search: CeilingSearch, holds: (rate: number) => Promise<boolean>): Promise<Bracket> {
  checkSearch(search);
  const { from, ratio, least, most } = search;
  let [low, high] = [undefined, undefined] as [number | undefined, number | undefined];
  let rate = from;
  for (let jump = FIRST_JUMP; low === undefined || high === undefined; jump *= jump) {
    if (await holds(rate)) low = rate;
    else high = rate;
    if (low !== undefined && high !== undefined) break;
    // Neither end is there but the one that was tried last.
    if (low === undefined) {
      if (rate <= least) return { holds: undefined, fails: rate };
      rate = Math.max(least, rate / jump);
    } else {
      if (rate >= most) return { holds: rate, fails: undefined };
      rate = Math.min(most, rate * jump);
    }
  }
  while (high / low > ratio) {
    const middle = Math.sqrt(low * high);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return { holds: low, fails: high };
}

/** The geometric middle of a bracket with two ends; not a number of any other. */
export function ceilingOf({ holds, fails }: Bracket): number {
  return holds === undefined || fails === undefined ? Number.NaN : Math.sqrt(holds * fails);
}

/** 95 %, of the geometric mean of ceilings; undefined where one is no number, or there are fewer than two. */
export function ceilingInterval(ceilings: readonly number[]): Interval | undefined {
  const logs = ceilings.map(Math.log);
  if (logs.length < 2 || !logs.every(Number.isFinite)) return undefined;
  const { count, mean, lower, upper } = studentInterval(logs);
  return { count, mean: Math.exp(mean), lower: Math.exp(lower), upper: Math.exp(upper) };
}

/** Trials that a search takes at most. */
export function mostTrials({ from, ratio, least, most }: CeilingSearch): number {
  const furthest = Math.max(most / from, from / least);
  let [jump, jumps, reached, widest] = [FIRST_JUMP, 1, 1, FIRST_JUMP];
  for (; reached < furthest; jump *= jump, jumps++) {
    widest = Math.min(jump, furthest / reached);
    reached *= jump;
  }
  return jumps + Math.ceil(Math.max(0, Math.log2(Math.log(widest) / Math.log(ratio))));
}

/** @throws {SettingError} */
function checkSearch({ from, ratio, least, most }: CeilingSearch): void {
  if (!(ratio >= power(2, 1 / 64))) {
    throw new SettingError(`The bracket of a ceiling must end wider than 1.01, got ${ratio}; try 1.2`);
  }
  if (!(least > 0 && least <= from && from <= most && Number.isFinite(most))) {
    throw new SettingError(
      `A search for the largest learning rate must begin between its ends, got ${from} for ${least} to ${most}`,
    );
  }
}
