/** @file Santurkar et al. 2018, Figure 3: does batch norm reduce internal covariate shift (Definition 2.1)? */

import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import type { Figure, LineMark } from '../figure.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart } from '../parts.ts';
import type { PartResult, StudyResult } from '../result.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, type ArmCurve, effectsFigure, stepsAxis } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';
import { type Verdict, verdictWords } from '../verdict.ts';
import { checkVgg, layersFor, type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';
import { layersOf, shiftEffects } from './shift.ts';

interface Protocol extends VggProtocol {
  readonly learningRate: number;
  /** Steps between measurements. */
  readonly every: number;
  /** Hidden layers whose gradient is compared. */
  readonly layers: readonly number[];
}

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;

const rule = {
  gainMargin: 0,
  /** Not less shifted: ln 1.25 and 0.1 are what can be read off the paper's figure. */
  lengthMargin: -Math.log(1.25) as number,
  cosineMargin: -0.1,
  /** The window ends where the first arm has this share of its final accuracy. */
  shareOfFinal: 0.95,
} as const;

const protocolAt = (budget: Budget): Protocol => ({
  ...vggProtocols[budget],
  learningRate: 0.1,
  every: budget === 'paper' ? 50 : 20,
  layers: layersFor(budget, { vgg11: [4, 7], vgg16: [5, 10] }),
});

export const santurkar2018Shift: Study = trainedStudy({
  name: 'santurkar2018/shift',
  title: 'Internal covariate shift of a VGG',
  paper: 'santurkar2018',
  where: 'Definition 2.1 and Figure 3',
  claim:
    'Batch normalisation does not reduce internal covariate shift, the change of a layer’s gradient by the step of the layers before it, and yet trains better.',
  tags: ['covariate-shift', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  rule,
  arms: ['standard', 'batch'],
  protocol: protocolAt,
  check: checkVgg,
  train: (protocol, { arm, seed }) => ({
    ...vggTraining(protocol, { norm: arms[arm], rate: protocol.learningRate, seed }),
    probes: [heldProbe('covariate-shift', { every: protocol.every, layers: protocol.layers })],
  }),
  decide: (grid, { learningRate }) => {
    const cells = grid.cells.map(({ point, records }) => ({ ...point, records, curve: curveOf(records) }));
    const pairs = grid.seeds.map((seed) => {
      const of = (arm: keyof typeof arms) => {
        const { records } = grid.cell({ arm, seed });
        return { records, curve: curveOf(records) };
      };
      const [standard, batch] = [of('standard'), of('batch')];
      return {
        seed,
        effects: shiftEffects(standard, batch, rule.shareOfFinal),
        gain: batch.curve.finalAccuracy - standard.curve.finalAccuracy,
      };
    });
    const perSeed = (of: (pair: (typeof pairs)[number]) => number) =>
      pairs.map((pair) => ({ seed: pair.seed, value: of(pair) }));
    const window =
      'at each measurement the mean over layers, and the median of those until an arm first has 95 % of its final accuracy';
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: 'Batch normalisation trains better.',
          effect: 'difference (batch norm − standard) of the final running training accuracy (mean of 20 batches)',
          margin: rule.gainMargin,
          rule: 'above',
        },
        perSeed(({ gain }) => gain),
      ),
      intervalPart(
        {
          name: 'b',
          claim: 'Its gradients are not less shifted, in length, than those of the standard network.',
          effect: `ln of the ratio (batch norm / standard) of ‖G − G′‖: ${window}`,
          margin: rule.lengthMargin,
          rule: 'above',
          remarks: [
            'Paper: about 0.3 to 1 for both after the first steps (read off Fig. 3, learning rate 0.1).',
            `Relative to ‖G‖, whose unit batch norm changes, per seed: ${pairs.map(({ effects }) => format3(effects.relative)).join(', ')}. Not judged.`,
          ],
        },
        perSeed(({ effects }) => effects.length),
      ),
      intervalPart(
        {
          name: 'c',
          claim: 'Its gradients are not less shifted, in direction, than those of the standard network.',
          effect: `difference (standard − batch norm) of the cosine between G and G′: ${window}`,
          margin: rule.cosineMargin,
          rule: 'above',
          remarks: ['Paper: 0.4 to 0.8 for both at layer 5, 0 to 0.1 for both at layer 10 (read off Fig. 3).'],
        },
        perSeed(({ effects }) => effects.cosine),
      ),
    ];
    return shiftResult(parts, [
      accuracyFigure(cells, {
        id: 'covariate-shift-accuracy',
        title: `Training accuracy, learning rate ${learningRate}`,
        caption: 'The same weights to begin with, the same batches.',
      }),
      shiftFigure(cells, 'covariate-shift', 'Length of the shift, ‖G − G′‖', 'log'),
      shiftFigure(cells, 'covariate-shift-relative', 'Relative shift, ‖G − G′‖ / ‖G‖', 'log'),
      shiftFigure(cells, 'covariate-shift-cosine', 'Cosine between G and G′', 'linear'),
      ...effectsFigure(parts, { id: 'covariate-shift-effects', title: 'Effects per seed' }),
    ]);
  },
});

type ShiftCell = ArmCurve & Parameters<typeof shiftEffects>[0];

function shiftFigure(cells: readonly ShiftCell[], quantity: string, title: string, scale: 'linear' | 'log'): Figure {
  return {
    id: `${quantity}-over-training`,
    title,
    caption:
      'G is the gradient of a layer’s weight, G′ the same where all layers before it have taken their step; a panel per layer, thin lines are seeds.',
    x: stepsAxis,
    y: { label: title, unit: '', scale },
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
  };
}

/** Reproduced where all parts are; not where batch norm is clearly less shifted by both measures; else inconclusive. */
function shiftVerdict(parts: readonly PartResult[]): Verdict {
  const words = parts.map(({ verdict }) => verdict);
  if (words.includes('precondition-failed')) return 'precondition-failed';
  if (words.every((word) => word === 'reproduced')) return 'reproduced';
  return words.slice(1).every((word) => word === 'not-reproduced') ? 'not-reproduced' : 'inconclusive';
}

function shiftResult(parts: readonly PartResult[], figures: readonly Figure[]): StudyResult {
  const verdict = shiftVerdict(parts);
  const [gain, length, cosine] = parts.map(({ pairings }) => pairings[0]?.interval);
  const outcome =
    gain === undefined || length === undefined || cosine === undefined
      ? 'an effect could not be measured in every seed'
      : `with batch norm the final training accuracy is ${formatInterval3(gain)} higher, ln of the ratio of the shifts is ` +
        `${formatInterval3(length)} (margin ${format3(rule.lengthMargin)}), and the cosine is ${formatInterval3(cosine)} lower (margin ${rule.cosineMargin})`;
  return {
    verdict,
    sentence: `${verdictWords[verdict]}: ${outcome}.`,
    parts,
    notes: [
      'Parts (b) and (c) say that batch norm is not less shifted; the claim fails where both fail. The length of the shift has the unit ' +
        'of the gradient, which batch norm changes.',
    ],
    figures,
    tables: [],
  };
}
