/** @file What a rule has to say about a network: the same form for rules on a file and for rules on measurements. */

/** A note may be meant; a problem hardly is. */
export type Level = 'note' | 'problem';

export interface Finding {
  /** The rule's own name, kebab-case, one per idea. */
  readonly rule: string;
  readonly level: Level;
  /** The layer by the file's own name, control characters included; undefined where it is the whole file. */
  readonly layer: string | undefined;
  /** What was measured, in the unit that `text` says; undefined where there is nothing to count. */
  readonly number: number | undefined;
  /** Where the rule begins to speak at this level. */
  readonly threshold: number | undefined;
  /** What is so, with its number, and what that does to whoever uses the network; a sentence without a full stop. */
  readonly text: string;
  /** What to do about it; begins with a verb, without a full stop. */
  readonly repair: string;
}
