/** @file Which entries of a study's ledger stand: the newest of each question, and those that repeat it on other seeds or by another lowering. */

import { studies } from '../../studies/index.ts';
import { protocolHash } from '../../studies/protocol-hash.ts';
import { budgets } from '../../studies/study.ts';
import type { LedgerEntry } from './ledger-entry.ts';

export interface Standing {
  readonly entry: LedgerEntry;
  /** The same question again: other seeds, or another lowering. */
  readonly repeats: readonly LedgerEntry[];
  /** What newer entries of the same protocol, seeds and lowering have come in place of. */
  readonly superseded: readonly LedgerEntry[];
}

/**
 * @param entries - of one study, in the order in which they were made
 * @returns of the largest budget first, and of one budget the newest: a short look again comes in place of no long one
 */
export function standingOf(entries: readonly LedgerEntry[]): readonly Standing[] {
  const newestFirst = entries.toReversed();
  const isFirst = (key: (entry: LedgerEntry) => string) => (entry: LedgerEntry, i: number) =>
    newestFirst.findIndex((other) => key(other) === key(entry)) === i;
  const whole = (one: LedgerEntry): string =>
    `${one.budget} ${one.protocolHash} ${hasSeeds(one) ? loweringOf(one) : ''} ${hasOtherSeeds(one)}`;
  const current = newestFirst.filter(isFirst(whole));
  const isQuestion = isFirst((one) => `${one.budget} ${one.protocolHash}`);
  const size = ({ budget }: LedgerEntry): number => budgets.findIndex((one) => one === budget);
  const questions = newestFirst
    .filter((entry, i) => !hasOtherSeeds(entry) && isQuestion(entry, i))
    .toSorted((a, b) => size(b) - size(a));
  return questions.map((entry) => ({
    entry,
    repeats: current.filter((one) => one !== entry && one.budget === entry.budget && repeats(one, entry)),
    superseded: newestFirst.filter(
      (one) => one.budget === entry.budget && !current.includes(one) && repeats(one, entry),
    ),
  }));
}

/** Of other seeds and no word of what they repeat, any: such entries are older than any amended rule of theirs. */
function repeats(one: LedgerEntry, entry: LedgerEntry): boolean {
  const question = questionOf(one);
  return question === undefined ? hasOtherSeeds(one) : question === entry.protocolHash;
}

function questionOf(one: LedgerEntry): string | undefined {
  return one.question ?? (hasOtherSeeds(one) ? undefined : one.protocolHash);
}

/** Whether protocol or rule of its study are others by now: it answers what the study asked then. */
export function isAmended(entry: LedgerEntry): boolean {
  const study = studies.find(({ name }) => name === entry.study);
  const budget = budgets.find((one) => one === entry.budget);
  const question = questionOf(entry);
  if (study === undefined || budget === undefined || question === undefined) return false;
  return protocolHash(study, study.plan({ budget })) !== question;
}

/** Whether it was asked on seeds that are not the study's own. */
function hasOtherSeeds({ command }: LedgerEntry): boolean {
  return command.includes(' --first-seed ');
}

/** Cases in float64 are the same by any lowering: counting them as found again would prove nothing. */
function hasSeeds(one: LedgerEntry): boolean {
  return seedsOf(one) !== '';
}

/** "portable, winograd4". */
export function loweringOf({ manifest }: LedgerEntry): string {
  const computation = manifest.find(([word]) => word === 'computation')?.[1] ?? '';
  return /^lowering ([^,]+, [^,]+),/u.exec(computation)?.[1] ?? '';
}

/** "100 to 107"; nothing where there are none. */
export function seedsOf({ parts }: LedgerEntry): string {
  const seeds = parts.flatMap(({ pairings }) => pairings.flatMap(({ effects }) => effects.map(({ seed }) => seed)));
  return seeds.length === 0 ? '' : `${Math.min(...seeds)} to ${Math.max(...seeds)}`;
}
