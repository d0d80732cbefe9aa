/** @file The rule: from the cells of both arms to a verdict on each part, and on the claim. */

import { formatInterval3, format3 } from '../number-text.ts';
import { hangsOnDefinition, pairingsPart } from '../parts.ts';
import type { PartResult, StudyResult } from '../result.ts';
import { combine, type Verdict, verdictWords } from '../verdict.ts';
import { controlNotes, controlTable } from './control.ts';
import { type Effect, effects, type Reading } from './effects.ts';
import { figures } from './figures.ts';
import type { RateGroup } from './groups.ts';
import { horizonFigure } from './horizon.ts';
import { labFigure, labTable } from './lab.ts';
import { type LandscapeProtocol, rule } from './protocol.ts';
import { variantsTable } from './variants.ts';

export function decide(groups: readonly RateGroup[], protocol: LandscapeProtocol): StudyResult {
  const judged = groups.find(({ rate }) => rate === rule.judgedRate);
  const parts = effects.map((effect) => judgePart(effect, judged));
  const verdict = combine(parts.map((part) => part.verdict));
  return {
    verdict,
    sentence: sentence(verdict, parts, judged),
    parts,
    notes: [...failureNotes(groups), ...controlNotes(groups, parts)],
    figures: [
      ...figures(groups, parts, protocol),
      ...(judged === undefined ? [] : [...horizonFigure(judged), ...labFigure(judged)]),
    ],
    tables: [controlTable(groups), variantsTable(groups), ...(judged === undefined ? [] : [labTable(judged)])],
  };
}

function judgePart(effect: Effect, group: RateGroup | undefined): PartResult {
  const { name, claim, margin, readings } = effect;
  const about = { name, claim, effect: readings.map(({ definition }) => definition).join('; and '), margin };
  if (group === undefined || group.failure !== undefined || group.seeds.length < 2) {
    return { ...about, pairings: [], verdict: 'precondition-failed', remarks: [`Not judged: ${failureOf(group)}.`] };
  }
  const part = pairingsPart(
    { ...about, rule: 'above', areReadings: true },
    readings.map(({ name: reading, of }) => ({
      name: reading,
      effects: group.seeds.flatMap(({ seed, window }) =>
        typeof window === 'string' ? [] : [{ seed, value: of(window) }],
      ),
    })),
  );
  return { ...part, remarks: [...remarks(effect, group, part), ...part.remarks] };
}

function remarks(effect: Effect, group: RateGroup, part: PartResult): readonly string[] {
  const perSeed = (label: string, statistic: Reading['arm']): string => {
    const [standard, batch] = (['standard', 'batch'] as const).map((arm) =>
      group.seeds
        .flatMap(({ window }) => (typeof window === 'string' ? [] : [format3(statistic(window[arm]))]))
        .join(', '),
    );
    return `${label} per seed: standard ${standard}; batch norm ${batch}.`;
  };
  const { readings, beside, published } = effect;
  const measured = readings.map(({ armLabel, arm }) => perSeed(armLabel, arm));
  return [
    `${measured.join(' ')} Paper: ${published}.`,
    ...(beside === undefined ? [] : [`${perSeed(beside.label, beside.arm)} Not judged.`]),
    ...(hangsOnDefinition(part)
      ? [
          `The part hangs on the definition: ${part.pairings.map(({ name, verdict }) => `${spoken(verdict)} by the ${name}`).join(', ')}; ` +
            'so it is inconclusive.',
        ]
      : []),
  ];
}

function spoken(verdict: Verdict): string {
  return verdict.replace('-', ' ');
}

function failureOf(group: RateGroup | undefined): string {
  if (group === undefined) return `no run at learning rate ${rule.judgedRate}, where the claim is judged`;
  return group.failure ?? 'an interval needs at least 2 seeds';
}

function failureNotes(groups: readonly RateGroup[]): readonly string[] {
  return groups.flatMap(({ rate, failure }) =>
    failure === undefined ? [] : [`Learning rate ${rate} is left out of the comparison: ${failure}.`],
  );
}

function sentence(verdict: Verdict, parts: readonly PartResult[], judged: RateGroup | undefined): string {
  if (verdict === 'precondition-failed') return `${verdictWords[verdict]}: ${failureOf(judged)}.`;
  const what = { a: 'loss variation', b: 'gradient change', c: 'effective smoothness' } as const;
  const each = parts.map((part) => {
    const { name, margin, pairings, verdict: word } = part;
    const intervals = pairings.flatMap(({ interval }) => (interval ? [formatInterval3(interval)] : []));
    const numbers = intervals.length === 0 ? '' : ` (${intervals.join(' and ')}, margin ${format3(margin)})`;
    const said = hangsOnDefinition(part) ? 'hangs on the definition' : spoken(word);
    return `${what[name as keyof typeof what]} ${said}${numbers}`;
  });
  return `${verdictWords[verdict]}: with batch norm against without, ${each.join('; ')}.`;
}
