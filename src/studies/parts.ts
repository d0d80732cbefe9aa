/** @file Parts of a result: about cases that must each hold to a tolerance, or about an interval over seeds. */

import { capitalised } from '../capitalised.ts';
import { counted } from '../counted.ts';
import { studentInterval } from '../math/statistics.ts';
import { format3, valuesText } from './number-text.ts';
import { seedsNeededText } from './seeds-needed.ts';
import type { CasesResult, PairingResult, PartResult, StudyResult } from './result.ts';
import { agree, combine, judge, judgeWithin, type Verdict, verdictWords } from './verdict.ts';

export interface CasesClaim {
  /** "a", "b", "c". */
  readonly name: string;
  /** One falsifiable sentence. */
  readonly claim: string;
  /** What the error of a case is, in words and a formula. */
  readonly effect: string;
  readonly tolerance: number;
  readonly remarks?: readonly string[];
}

/** The part that holds where every error is at most the tolerance; one that is not a number fails. */
export function casesPart(
  { name, claim, effect, tolerance, remarks = [] }: CasesClaim,
  errors: readonly number[],
): PartResult {
  const cases: CasesResult = {
    count: errors.length,
    failures: errors.filter((error) => !(error <= tolerance)).length,
    largest: errors.reduce((a, b) => (Number.isNaN(b) || b > a ? b : a), Number.NEGATIVE_INFINITY),
  };
  const verdict: Verdict = errors.length > 0 && cases.failures === 0 ? 'reproduced' : 'not-reproduced';
  return { name, claim, effect, margin: tolerance, pairings: [], cases, verdict, remarks };
}

export interface IntervalClaim extends Omit<CasesClaim, 'tolerance'> {
  readonly margin: number;
  /** `above`: the whole interval lies above the margin; `within`: inside ±margin (a claim of equivalence). */
  readonly rule: 'above' | 'within';
  /** As {@link PartResult.areReadings}. */
  readonly areReadings?: boolean;
}

type Effects = PairingResult['effects'];

/**
 * The part judged by the 95 % interval of one effect per seed, oriented so that the claim is positive. Its precondition
 * has failed where there are fewer than two, or where one is not finite.
 */
export function intervalPart(claim: IntervalClaim, effects: Effects): PartResult {
  return pairingsPart(claim, [{ name: 'over seeds', effects }]);
}

/** A part about an interval over seeds, or one whose precondition has failed, with the reason. */
export function judgedPart(claim: IntervalClaim, effects: Effects, obstacle: string | undefined): PartResult {
  const part = intervalPart(claim, effects);
  if (obstacle === undefined) return part;
  const remarks = [...part.remarks, `Not judged: ${obstacle}. It would be, per seed, ${valuesText(effects)}.`];
  return { ...part, pairings: [], verdict: 'precondition-failed', remarks };
}

/**
 * The part judged so under several pairings, or by several readings: the same word under all is its verdict, different words
 * are inconclusive. Its precondition has failed where any of them cannot be judged.
 */
export function pairingsPart(
  { name, claim, effect, margin, rule, areReadings, remarks = [] }: IntervalClaim,
  pairings: readonly { readonly name: string; readonly effects: Effects }[],
): PartResult {
  const about = { name, claim, effect, margin, ...(areReadings !== undefined && { areReadings }) };
  const judged = pairings.map(({ name: pairing, effects }): PairingResult | string => {
    // A training that diverged, or came to nothing, has no effect of any size; no interval may be made of the others.
    const bad = effects.find(({ value }) => !Number.isFinite(value));
    if (bad !== undefined) return `the effect of seed ${bad.seed} is ${bad.value}`;
    if (effects.length < 2) return `${effects.length} of 2 seeds or more`;
    const interval = studentInterval(effects.map(({ value }) => value));
    const verdict = (rule === 'above' ? judge : judgeWithin)(interval, margin);
    return { name: pairing, verdict, effects, interval };
  });
  const reason = judged.find((one) => typeof one === 'string');
  if (reason !== undefined) {
    return { ...about, pairings: [], verdict: 'precondition-failed', remarks: [...remarks, `Not judged: ${reason}.`] };
  }
  const results = judged.filter((one) => typeof one !== 'string');
  const open = results.flatMap(({ name: pairing, verdict, interval, effects }) => {
    if (verdict !== 'inconclusive' || interval === undefined) return [];
    const end = rule === 'within' && interval.mean < 0 ? -margin : margin;
    return `${capitalised(pairing)}, ${seedsNeededText(
      effects.map(({ value }) => value),
      interval,
      end,
    )}.`;
  });
  const verdict = agree(results.map((one) => one.verdict));
  return { ...about, pairings: results, verdict, remarks: [...remarks, ...open] };
}

/** "all 200 cases hold (largest error 3.1e-14, tolerance 1e-8)", "113 of 200 cases fail (…)". */
export function casesText({ count, failures, largest }: CasesResult, tolerance: number): string {
  const outcome =
    failures === 0
      ? count === 1
        ? 'the one case holds'
        : `all ${count} cases hold`
      : `${failures} of ${counted(count, 'case')} fail`;
  return `${outcome} (largest error ${format3(largest)}, tolerance ${format3(tolerance)})`;
}

/** A study's result from its parts: the verdict is theirs combined, and opens the sentence. */
export function resultOf(
  parts: readonly PartResult[],
  told: { readonly outcome: string } & Partial<Pick<StudyResult, 'notes' | 'figures' | 'tables'>>,
): StudyResult {
  const verdict = combine(parts.map((part) => part.verdict));
  const { outcome, notes = [], figures = [], tables = [] } = told;
  return { verdict, sentence: `${verdictWords[verdict]}: ${outcome}.`, parts, notes, figures, tables };
}

/** Whether a part comes to another word by another reading of what the paper shows, or by other definitions that are its cases. */
export function hangsOnDefinition({ areReadings, pairings, cases, verdict }: PartResult): boolean {
  if (areReadings !== true) return false;
  if (cases !== undefined) return verdict === 'inconclusive';
  return new Set(pairings.map((pairing) => pairing.verdict)).size > 1;
}
