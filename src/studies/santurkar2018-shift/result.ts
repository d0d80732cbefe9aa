/** @file From the shifts of both arms to a verdict: what the studies on VGG and on deep linear networks have in common. */

import type { Figure, LineMark } from '../figure.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { pairingsPart } from '../parts.ts';
import type { PairingResult, PartResult, StudyResult } from '../result.ts';
import type { Records } from '../../records/records.ts';
import { stepsAxis } from '../trained-figures.ts';
import { type Verdict, verdictWords } from '../verdict.ts';
import { layersOf, type ShiftEffects } from './shift.ts';

/** Not less shifted: ln 1.25 and 0.1 are what can be read off the paper's figure. */
export const shiftRule = {
  gainMargin: 0,
  lengthMargin: -Math.log(1.25) as number,
  cosineMargin: -0.1,
} as const;

/** One way of setting up the arms: mostly there is one. */
export interface ShiftPairing {
  readonly name: string;
  readonly seeds: readonly { readonly seed: number; readonly effects: ShiftEffects }[];
}

export interface ShiftClaim {
  /** How performance is compared, and by how much batch norm is ahead, per seed. */
  readonly gain: { readonly effect: string; readonly pairings: readonly Pick<PairingResult, 'name' | 'effects'>[] };
  readonly shifts: readonly ShiftPairing[];
  /** Where the window ends. */
  readonly window: string;
  /** Published values. */
  readonly published: { readonly length: string; readonly cosine: string };
}

export function shiftParts({ gain, shifts, window, published }: ShiftClaim): readonly PartResult[] {
  const over = `at each measurement the mean over layers, and the median of those until ${window}`;
  const perSeed = (of: (effects: ShiftEffects) => number): readonly Pick<PairingResult, 'name' | 'effects'>[] =>
    shifts.map(({ name, seeds }) => ({
      name,
      effects: seeds.map(({ seed, effects }) => ({ seed, value: of(effects) })),
    }));
  const relative = shifts.map(({ name, seeds }) => {
    const values = seeds.map(({ effects }) => format3(effects.relative)).join(', ');
    return shifts.length > 1 ? `${name} ${values}` : values;
  });
  return [
    pairingsPart(
      {
        name: 'a',
        claim: 'Batch normalisation trains better.',
        effect: gain.effect,
        margin: shiftRule.gainMargin,
        rule: 'above',
      },
      gain.pairings,
    ),
    pairingsPart(
      {
        name: 'b',
        claim: 'Its gradients are not less shifted, in length, than those of the standard network.',
        effect: `ln of the ratio (batch norm / standard) of ‖G − G′‖: ${over}`,
        margin: shiftRule.lengthMargin,
        rule: 'above',
        remarks: [
          `Paper: ${published.length}.`,
          `Relative to ‖G‖, whose unit batch norm changes, per seed: ${relative.join('; ')}. Not judged.`,
        ],
      },
      perSeed(({ length }) => length),
    ),
    pairingsPart(
      {
        name: 'c',
        claim: 'Its gradients are not less shifted, in direction, than those of the standard network.',
        effect: `difference (standard − batch norm) of the cosine between G and G′: ${over}`,
        margin: shiftRule.cosineMargin,
        rule: 'above',
        remarks: [`Paper: ${published.cosine}.`],
      },
      perSeed(({ cosine }) => cosine),
    ),
  ];
}

/** Reproduced where all parts are; not where batch norm is clearly less shifted by both measures; else inconclusive. */
function shiftVerdict(parts: readonly PartResult[]): Verdict {
  const words = parts.map(({ verdict }) => verdict);
  if (words.includes('precondition-failed')) return 'precondition-failed';
  if (words.every((word) => word === 'reproduced')) return 'reproduced';
  return words.slice(1).every((word) => word === 'not-reproduced') ? 'not-reproduced' : 'inconclusive';
}

export function shiftResult(
  parts: readonly PartResult[],
  told: { readonly ahead: string; readonly notes?: readonly string[]; readonly figures: readonly Figure[] },
): StudyResult {
  const verdict = shiftVerdict(parts);
  const [gain, length, cosine] = parts.map(({ pairings }) =>
    pairings.map(({ interval }) => (interval === undefined ? '–' : formatInterval3(interval))).join(' and '),
  );
  const outcome = parts.some(({ pairings }) => pairings.length === 0)
    ? 'an effect could not be measured in every seed'
    : `with batch norm ${told.ahead} ${gain}; ln of the ratio of the shifts is ${length} (margin ${format3(shiftRule.lengthMargin)}), ` +
      `and the difference of the cosines, without less with it, ${cosine} (margin ${shiftRule.cosineMargin})`;
  return {
    verdict,
    sentence: `${verdictWords[verdict]}: ${outcome}.`,
    parts,
    notes: [
      ...(told.notes ?? []),
      'Parts (b) and (c) say that batch norm is not less shifted; the claim fails where both fail. The length of the shift has the unit ' +
        'of the gradient, which batch norm changes.',
    ],
    figures: told.figures,
    tables: [],
  };
}

/** Length, relative length and cosine over training, a panel per layer. */
export function shiftFigures(
  cells: readonly { readonly arm: string; readonly seed: number; readonly records: Records }[],
  prefix: string,
): readonly Figure[] {
  const figure = (quantity: string, title: string, label: string, scale: 'linear' | 'log'): Figure => ({
    id: `${prefix}-${quantity}`,
    title,
    caption:
      'G is the gradient of a layer’s weight, G′ the same where all layers before it have taken their step; a panel per layer, thin lines are seeds.',
    x: stepsAxis,
    y: { label, unit: '', scale },
    marks: cells.flatMap(({ arm, seed, records }) =>
      layersOf(records).map(
        (layer): LineMark => ({
          mark: 'line',
          arm,
          seed,
          panel: layer,
          ...records.series(quantity, 'step', { layer }),
        }),
      ),
    ),
  });
  return [
    figure('covariate-shift', 'Length of the shift', '‖G − G′‖', 'log'),
    figure('covariate-shift-relative', 'Relative length of the shift', '‖G − G′‖ / ‖G‖', 'log'),
    figure('covariate-shift-cosine', 'Direction of the shift', 'cosine of G and G′', 'linear'),
  ];
}
