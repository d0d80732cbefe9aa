/** @file How far two lists rise together, whatever the shape: Spearman's rank correlation. */

import jStat from 'jstat';
import { NumericError } from '../errors.ts';

/**
 * Spearman's ρ: the correlation of the ranks of x with those of y, equal values sharing the mean of theirs; 1 where one rises
 * with the other throughout, −1 where it falls.
 * @throws {NumericError} for fewer than 2 pairs, lists of unequal length, a list of one value, or a number that is not finite
 */
export function rankCorrelation(x: readonly number[], y: readonly number[]): number {
  const isMade = x.length >= 2 && x.length === y.length && [...x, ...y].every(Number.isFinite);
  if (!isMade || [x, y].some((list) => new Set(list).size === 1)) {
    throw new NumericError(
      `Cannot correlate ranks: needs 2 or more pairs of finite numbers, no list all alike, got [${x.join(', ')}] and [${y.join(', ')}]`,
    );
  }
  return jStat.spearmancoeff([...x], [...y]);
}
