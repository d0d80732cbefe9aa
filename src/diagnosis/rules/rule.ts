/** @file What rules are made of: one number held to its thresholds, and the finding that comes of it. */

import type { Interval } from '../../math/statistics.ts';
import type { Finding } from '../finding.ts';
import { type RuleName, type Threshold, thresholds } from '../thresholds.ts';

/** What a rule says beside its number. */
export interface Words {
  readonly layer?: string | undefined;
  readonly interval?: Interval | undefined;
  /** What the interval is over; default batches. */
  readonly over?: string | undefined;
  /** What it does to the user. */
  readonly text: string;
  readonly repair: string;
}

/**
 * A finding where a number is beyond a threshold of its rule; none where it is within. A number that is none, as the
 * ratio of two infinities, is beyond all.
 */
export function beyond(
  rule: RuleName,
  number: number,
  { layer, interval, over, text, repair }: Words,
): readonly Finding[] {
  const { note, problem, what }: Threshold = thresholds[rule];
  const level = levelBeyond(rule, number);
  if (level === undefined) return [];
  const threshold = (level === 'problem' ? problem : note) as number;
  return [{ rule, level, layer, number, what, threshold, interval, ...(over !== undefined && { over }), text, repair }];
}

/** The level whose threshold a number is beyond, the graver first. */
export function levelBeyond(rule: RuleName, number: number): Finding['level'] | undefined {
  const { note, problem }: Threshold = thresholds[rule];
  const isBeyond = (threshold: number | undefined): boolean => threshold !== undefined && !(number <= threshold);
  return isBeyond(problem) ? 'problem' : isBeyond(note) ? 'note' : undefined;
}

/** 0.01234 as `0.012`; 12345 as `12,000` would be more than is known, so `1.2e+4`. */
export function short(number: number): string {
  if (!Number.isFinite(number)) return String(number);
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-3 || size >= 1e4)) return number.toExponential(1);
  return String(Number(number.toPrecision(size >= 100 ? 3 : 2)));
}

/** 0.25 as `25 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
