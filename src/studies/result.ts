/** @file What a study comes to: a verdict with every number that led to it. */

import type { Interval } from '../math/statistics.ts';
import type { Figure, Table } from './figure.ts';
import type { Verdict } from './verdict.ts';

/** One way of pairing the arms of a part, with the word it gives. */
export interface PairingResult {
  /** "over seeds", "rate 0.03", "max L − min L". */
  readonly name: string;
  readonly verdict: Verdict;
  readonly effects: readonly { readonly seed: number; readonly value: number }[];
  readonly interval: Interval | undefined;
}

/** An identity or bound over many cases: it holds where none fails. */
export interface CasesResult {
  readonly count: number;
  readonly failures: number;
  /** Largest error (or violation) over all cases, in the unit of the tolerance; NaN where one is not a number. */
  readonly largest: number;
}

export interface PartResult {
  /** "a", "b", "c". */
  readonly name: string;
  /** One falsifiable sentence. */
  readonly claim: string;
  /** What the effect is, in words and a formula. */
  readonly effect: string;
  /** What the interval must clear, or the tolerance that every case must keep. */
  readonly margin: number;
  /** Empty where the part is about cases, each of which must hold. */
  readonly pairings: readonly PairingResult[];
  /** Whether pairings are readings of one published quantity, and not settings at each of which the claim must hold. */
  readonly areReadings?: boolean;
  readonly cases?: CasesResult;
  readonly verdict: Verdict;
  /** Measured beside published, such as medians: "standard 1.8, batch norm 0.4; paper about 5 and 2.2". */
  readonly remarks: readonly string[];
}

export interface StudyResult {
  readonly verdict: Verdict;
  /** The verdict in one sentence. */
  readonly sentence: string;
  readonly parts: readonly PartResult[];
  /** What else the reader should know: notes beside the verdict. */
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
}
