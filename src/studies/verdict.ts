/** @file The four verdicts, and how intervals and parts lead to them. */

import type { Interval } from '../math/statistics.ts';

/** Never merged, never added to: anything more is a note beside the verdict. */
export type Verdict = 'reproduced' | 'not-reproduced' | 'inconclusive' | 'precondition-failed';

/**
 * The word for a paired effect, oriented so that the claim is positive: reproduced where the whole interval lies above
 * the margin, not reproduced where it lies below, otherwise inconclusive.
 */
export function judge(interval: Interval, margin: number): Verdict {
  if (interval.lower > margin) return 'reproduced';
  return interval.upper < margin ? 'not-reproduced' : 'inconclusive';
}

/** Claims of equivalence: reproduced where the whole interval lies inside ±margin, not reproduced where outside. */
export function judgeWithin({ lower, upper }: Interval, margin: number): Verdict {
  if (lower > -margin && upper < margin) return 'reproduced';
  return upper < -margin || lower > margin ? 'not-reproduced' : 'inconclusive';
}

/** All reproduced → reproduced; any not → not; otherwise inconclusive; a failed precondition comes before all. */
export function combine(parts: readonly Verdict[]): Verdict {
  if (parts.includes('precondition-failed')) return 'precondition-failed';
  if (parts.includes('not-reproduced')) return 'not-reproduced';
  return parts.length > 0 && parts.every((part) => part === 'reproduced') ? 'reproduced' : 'inconclusive';
}

/** One part under several pairings: the same word under all is its verdict, different words are inconclusive. */
export function agree(words: readonly Verdict[]): Verdict {
  if (words.includes('precondition-failed')) return 'precondition-failed';
  const [first] = words;
  return first !== undefined && words.every((word) => word === first) ? first : 'inconclusive';
}

/** Verdicts as sentences begin with them. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  reproduced: 'Reproduced',
  'not-reproduced': 'Not reproduced',
  inconclusive: 'Inconclusive',
  'precondition-failed': 'Precondition failed',
};
