/** @file What a rule says of a network, as data. */

import type { Finding as FileFinding } from '../inspection/finding.ts';
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

/** What a rule on a file says, and what measuring adds to it. */
export interface Finding extends FileFinding {
  /** By the network's own name; undefined where it is about all of it. */
  readonly layer: string | undefined;
  readonly number: number;
  /** What the number is: "median distance of running means, in standard deviations". */
  readonly what: string;
  readonly threshold: number;
  /** Of the number, 95 %; undefined where there is but one of what it is over. */
  readonly interval?: Interval | undefined;
  /** What the interval is over; default batches, or groups of them. */
  readonly over?: string | undefined;
  readonly counterfactual?: Counterfactual | undefined;
  /** The rule of the finding that explains this one, which is then no cause of its own. */
  readonly echoOf?: string | undefined;
}
