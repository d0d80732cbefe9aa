/** @file The rule: a family is settled where all its definitions agree; otherwise the claim hangs on the definition. */

import { counted } from '../../counted.ts';
import { format3 } from '../number-text.ts';
import type { PartResult, StudyResult } from '../result.ts';
import { combine, type Verdict, verdictWords } from '../verdict.ts';
import { concordance, type Entry, type Pair } from './concordance.ts';
import type { Definition, Family } from './definition.ts';
import { envelopeFigure, type EnvelopeSeed, envelopeTable } from './envelope.ts';
import { choicesTable, families, matrixFigures, matrixTables, tally } from './matrix.ts';
import { type DefinitionsProtocol, rule } from './protocol.ts';

const claims: Readonly<Record<Family, string>> = {
  landscape: 'By every definition, batch normalisation makes the loss vary less along a step.',
  predictiveness:
    'By every definition, batch normalisation makes the gradient change less along a step, or from step to step.',
  smoothness: 'By every definition, batch normalisation makes the loss smoother along a step.',
  'covariate shift': 'By every definition, batch normalisation makes the gradient of a layer shift less.',
};

export interface Decided {
  readonly pairs: readonly Pair[];
  readonly envelope: readonly EnvelopeSeed[];
  readonly definitions: readonly Definition[];
  /** The layer of definitions of one. */
  readonly layer: string;
}

export function decide({ pairs, envelope, definitions, layer }: Decided, protocol: DefinitionsProtocol): StudyResult {
  const entries = concordance(pairs, definitions);
  const failure = failureOf(pairs);
  const parts = families.map((family, i) => partOf('abcd'.charAt(i), family, entries, failure));
  const verdict = combine(parts.map((part) => part.verdict));
  const rates = protocol.learningRates;
  return {
    verdict,
    sentence: `${verdictWords[verdict]}: ${failure ?? parts.map((part, i) => outcome(families[i] as Family, part, entries)).join('; ')}.`,
    parts,
    notes: notes(pairs, protocol),
    figures: [...matrixFigures(entries), ...envelopeFigure(envelope, rates)],
    tables: [choicesTable(entries), ...matrixTables(entries), envelopeTable(envelope, layer, rates)],
  };
}

/** Why SGD's trajectory cannot be compared; that of Adam has its own window, and dashes where it has none. */
function failureOf(pairs: readonly Pair[]): string | undefined {
  const judged = pairs.filter(({ optimiser }) => optimiser === 'sgd');
  if (judged.length < 2) return 'an interval needs at least 2 seeds';
  const [first] = judged.flatMap(({ seed, window }) => (typeof window === 'string' ? [`seed ${seed}: ${window}`] : []));
  return first;
}

function partOf(name: string, family: Family, all: readonly Entry[], failure: string | undefined): PartResult {
  const about = {
    name,
    claim: claims[family],
    effect:
      'margin less the lower end of the 95 % interval over seeds of the effect (standard against batch norm, positive for the claim), one per definition: at most 0 ' +
      'where the definition says so',
    margin: 0,
    pairings: [],
    areReadings: true,
  };
  const entries = all.filter(({ definition }) => definition.family === family);
  const decided = entries.filter(({ interval }) => interval !== undefined);
  if (failure !== undefined || decided.length === 0) {
    const remark = `Not judged: ${failure ?? 'no definition could be computed in every seed'}.`;
    return { ...about, verdict: 'precondition-failed', remarks: [remark] };
  }
  const { smoother, against, undecided, missing } = tally(entries);
  const errors = decided.map(({ interval, margin }) => margin - (interval?.lower ?? Number.NaN));
  const verdict = familyVerdict(decided);
  const judged = entries.filter(({ isJudged }) => isJudged);
  return {
    ...about,
    cases: { count: decided.length, failures: decided.length - smoother, largest: Math.max(...errors) },
    verdict,
    remarks: [
      `Of ${counted(decided.length, 'definition')} ${smoother} say so, ${against} say the opposite or not by the margin, ${undecided} are undecided; ` +
        `${missing} could not be computed in every seed.`,
      ...(judged.length === 0 ? [] : [`Judged elsewhere: ${judged.map(judgedText).join('; ')}.`]),
      ...(verdict === 'inconclusive' ? ['The claim hangs on the definition.'] : []),
    ],
  };
}

/** Reproduced where all say so, not where all say the opposite, otherwise it hangs on the definition. */
function familyVerdict(decided: readonly Entry[]): Verdict {
  if (decided.every(({ word }) => word === 'smoother')) return 'reproduced';
  return decided.every(({ word }) => word === 'rougher' || word === 'not smoother') ? 'not-reproduced' : 'inconclusive';
}

function judgedText({ definition, interval, margin, word }: Entry): string {
  const found = interval === undefined ? 'not computed' : `${format3(interval.mean)}, ${word}`;
  return `${definition.name} (${found}, margin ${format3(margin)})`;
}

function outcome(family: Family, { verdict }: PartResult, all: readonly Entry[]): string {
  const { smoother, against, undecided } = tally(all.filter(({ definition }) => definition.family === family));
  const said = verdict === 'inconclusive' ? 'hangs on the definition' : verdict.replace('-', ' ');
  return `${family} ${said} (${smoother} for it, ${against} against, ${undecided} undecided)`;
}

function notes(pairs: readonly Pair[], { width, adamRate }: DefinitionsProtocol): readonly string[] {
  const failed = pairs.flatMap(({ optimiser, seed, window }) =>
    optimiser === 'adam' && typeof window === 'string' ? [`Adam, seed ${seed}, is left out: ${window}.`] : [],
  );
  return [
    ...failed,
    'Of a network without norms all statistics are the same, so that running, frozen and recomputed ones compare batch norm so read with the standard ' +
      'network as it is.',
    `Along the gradient, networks that Adam trains (learning rate ${adamRate}) are followed as far as those of SGD: s from ${format3(rule.leastMultiple * rule.judgedRate)} up. ` +
      'The ray is not the direction in which Adam steps.',
    `Weight decay in a definition is ${format3(rule.weightDecay / width)}: ${rule.weightDecay} at the paper's width, so much larger here as ‖w‖² is smaller. It is added to what is ` +
      'measured; the networks were trained without it.',
    'The judged definitions are those of santurkar2018/landscape and santurkar2018/shift, on the same trainings.',
  ];
}
