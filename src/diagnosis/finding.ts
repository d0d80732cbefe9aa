/** @file What a rule says of a network, as data. */

import type { Interval } from '../math/statistics.ts';

/** Something was changed in the network, and it was run again. */
export interface Counterfactual {
  /** What was done: "population statistics put into conv3 alone". */
  readonly run: string;
  /** What came of it, in words and numbers. */
  readonly result: string;
  /** Whether the trouble was gone. */
  readonly helps: boolean;
}

export interface Finding {
  /** Which rule: its name in the table of thresholds. */
  readonly rule: string;
  /** A note is worth knowing; a problem is to be repaired. */
  readonly level: 'note' | 'problem';
  /** By the network's own name; undefined where it is about all of it. */
  readonly layer: string | undefined;
  /** What was measured. */
  readonly number: number;
  /** What the number is: "median distance of running means, in standard deviations". */
  readonly what: string;
  /** Beyond which it is told at this level. */
  readonly threshold: number;
  /** Of the number, 95 %, over batches or groups of them; undefined where there is but one. */
  readonly interval?: Interval | undefined;
  /** What it does to the user. */
  readonly text: string;
  readonly repair: string;
  readonly counterfactual?: Counterfactual | undefined;
  /** The rule of the finding that explains this one, which is then no cause of its own. */
  readonly echoOf?: string | undefined;
}
