/** @file The rule: from the cells of both arms to a verdict on each part, and on the claim. */

import { studentInterval } from '../../math/statistics.ts';
import { formatInterval3, format3 } from '../number-text.ts';
import type { PairingResult, PartResult, StudyResult } from '../result.ts';
import { agree, combine, judge, type Verdict, verdictWords } from '../verdict.ts';
import { controlNotes, controlTable } from './control.ts';
import { type Effect, effects } from './effects.ts';
import { figures } from './figures.ts';
import type { RateGroup } from './groups.ts';
import { type LandscapeProtocol, rule } from './protocol.ts';
import { variantsTable } from './variants.ts';
import { type Comparison, matchByLoss } from './window.ts';

export function decide(groups: readonly RateGroup[], protocol: LandscapeProtocol): StudyResult {
  const judged = groups.find(({ rate }) => rate === rule.judgedRate);
  const parts = effects.map((effect) => judgePart(effect, judged));
  const verdict = combine(parts.map((part) => part.verdict));
  return {
    verdict,
    sentence: sentence(verdict, parts, judged),
    parts,
    notes: [...failureNotes(groups), ...controlNotes(groups, parts)],
    figures: figures(groups, parts, protocol),
    tables: [controlTable(groups), variantsTable(groups)],
  };
}

function judgePart(effect: Effect, group: RateGroup | undefined): PartResult {
  const about = { name: effect.name, claim: effect.claim, effect: effect.definition, margin: effect.margin };
  if (group === undefined || group.failure !== undefined || group.seeds.length < 2) {
    return { ...about, pairings: [], verdict: 'precondition-failed', remarks: [`Not judged: ${failureOf(group)}.`] };
  }
  const windows = group.seeds.map(({ seed, window }) => ({ seed, comparison: window }));
  const matched = group.seeds.map(({ seed, window, batch }) => ({
    seed,
    comparison: typeof window === 'string' ? window : matchByLoss(window, batch),
  }));
  const pairings = [
    judgePairing('at equal steps', effect, windows),
    judgePairing('at matched training loss', effect, matched),
  ];
  const words = pairings.flatMap((pairing) => (pairing.verdict === undefined ? [] : [pairing.verdict]));
  return { ...about, pairings, verdict: agree(words), remarks: remarks(effect, group, pairings) };
}

function judgePairing(
  name: string,
  effect: Effect,
  seeds: readonly { readonly seed: number; readonly comparison: Comparison | string }[],
): PairingResult {
  const [reason] = seeds.flatMap(({ seed, comparison }) =>
    typeof comparison === 'string' ? [`seed ${seed}: ${comparison}`] : [],
  );
  if (reason !== undefined) {
    return { name, verdict: undefined, reason, effects: [], interval: undefined };
  }
  const values = seeds.flatMap(({ seed, comparison }) =>
    typeof comparison === 'string' ? [] : [{ seed, value: effect.of(comparison) }],
  );
  const interval = studentInterval(values.map(({ value }) => value));
  return { name, verdict: judge(interval, effect.margin), reason: undefined, effects: values, interval };
}

function remarks(effect: Effect, group: RateGroup, pairings: readonly PairingResult[]): readonly string[] {
  const perSeed = (label: string, statistic: Effect['arm']): string => {
    const [standard, batch] = (['standard', 'batch'] as const).map((arm) =>
      group.seeds
        .flatMap(({ window }) => (typeof window === 'string' ? [] : [format3(statistic(window[arm]))]))
        .join(', '),
    );
    return `${label} per seed: standard ${standard}; batch norm ${batch}.`;
  };
  const { armLabel, arm, beside, published } = effect;
  const measured = [
    `${perSeed(armLabel, arm)} Paper: ${published}.`,
    ...(beside === undefined ? [] : [`${perSeed(beside.label, beside.arm)} Not judged.`]),
  ];
  const [steps, loss] = pairings;
  if (loss?.reason !== undefined) {
    return [...measured, `Matched training loss is not judged (${loss.reason}); equal steps decide alone.`];
  }
  if (steps?.verdict !== loss?.verdict) {
    return [
      ...measured,
      `The two pairings disagree: ${steps?.verdict ?? 'not judged'} at equal steps, ${loss?.verdict ?? 'not judged'} ` +
        `at matched training loss, so the part is inconclusive.`,
    ];
  }
  return measured;
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
    const interval = part.pairings[0]?.interval;
    const name = what[part.name as keyof typeof what];
    return `${name} ${part.verdict.replace('-', ' ')}${interval ? ` (${formatInterval3(interval)}, margin ${format3(part.margin)})` : ''}`;
  });
  return `${verdictWords[verdict]}: with batch norm against without, ${each.join('; ')}.`;
}
