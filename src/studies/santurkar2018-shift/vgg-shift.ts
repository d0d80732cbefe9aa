/** @file A study of internal covariate shift (Definition 2.1) of a VGG at one learning rate: one for each that the paper shows. */

import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import type { Budget, Study } from '../study.ts';
import { labNote } from '../definition-lab.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf, stepAtShare } from '../training-curves.ts';
import { CLASSES, layersFor, type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';
import { type ShiftClaim, shiftFigures, shiftParts, shiftResult, shiftRule } from './result.ts';
import { checkTrained } from '../protocol-checks.ts';
import { shiftEffects } from './shift.ts';

interface Protocol extends VggProtocol {
  readonly learningRate: number;
  /** Steps between measurements. */
  readonly every: number;
  /** Hidden layers whose gradient is compared. */
  readonly layers: readonly number[];
}

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;

const rule = {
  ...shiftRule,
  /** The window ends where the first arm has this share of its final accuracy. */
  shareOfFinal: 0.95,
} as const;

/** What differs between studies of the family. */
export interface VggShift
  extends Pick<Study, 'name' | 'title' | 'claim' | 'leastBudget' | 'amended'>,
    Pick<ShiftClaim, 'published'> {
  readonly learningRate: number;
  /** What the ids of its figures begin with. */
  readonly figures: string;
  /** What both arms must have learnt beyond chance for their shifts to be compared; a rule on record may be without. */
  readonly learntAccuracy?: number;
  /** Of the protocol, at a budget, in place of what the family has. */
  readonly changes?: (budget: Budget) => Partial<Protocol>;
}

export const vggShiftStudy = ({
  learningRate: paperRate,
  figures,
  published,
  learntAccuracy,
  changes,
  ...about
}: VggShift): Study =>
  trainedStudy({
    ...about,
    paper: 'santurkar2018',
    where: 'Definition 2.1 and Figure 3',
    tags: ['covariate-shift', 'cifar10', 'vgg'],
    dataset: 'cifar10',
    rule: { ...rule, ...(learntAccuracy !== undefined && { learntAccuracy }) },
    arms: ['standard', 'batch'],
    protocol: (budget): Protocol => ({
      ...vggProtocols[budget],
      learningRate: paperRate,
      every: budget === 'paper' ? 50 : 20,
      layers: layersFor(budget, { vgg11: [4, 7], vgg16: [5, 10] }),
      ...changes?.(budget),
    }),
    check: checkTrained,
    train: (protocol, { arm, seed }) => ({
      ...vggTraining(protocol, { norm: arms[arm], rate: protocol.learningRate, seed }),
      probes: [heldProbe('covariate-shift', { every: protocol.every, layers: protocol.layers })],
    }),
    decide: (grid, { learningRate }) => {
      const cells = grid.cells.map(({ point, records }) => ({ ...point, records, curve: curveOf(records) }));
      const of = (arm: keyof typeof arms, seed: number) => {
        const { records } = grid.cell({ arm, seed });
        const curve = curveOf(records);
        return { records, curve, convergedAt: stepAtShare(rule.shareOfFinal, curve) };
      };
      // An arm that has not learnt what it should leaves nothing to compare.
      const learntOf = (arm: keyof typeof arms, seed: number): number => {
        const { finalAccuracy, divergedAt } = of(arm, seed).curve;
        const isShort = learntAccuracy !== undefined && !(finalAccuracy > 1 / CLASSES + learntAccuracy);
        return isShort || divergedAt !== undefined ? Number.NaN : finalAccuracy;
      };
      const parts = shiftParts({
        gain: {
          effect:
            'difference (batch norm − standard) of the final running training accuracy (mean of 20 batches)' +
            (learntAccuracy === undefined
              ? ''
              : `; none where an arm has learnt less than ${100 * learntAccuracy} points beyond chance`),
          pairings: [
            {
              name: 'over seeds',
              effects: grid.seeds.map((seed) => ({
                seed,
                value: learntOf('batch', seed) - learntOf('standard', seed),
              })),
            },
          ],
        },
        shifts: [
          {
            name: 'over seeds',
            seeds: grid.seeds.map((seed) => ({ seed, effects: shiftEffects(of('standard', seed), of('batch', seed)) })),
          },
        ],
        window: 'an arm first has 95 % of its final accuracy',
        published,
      });
      return shiftResult(parts, {
        ahead: 'the final training accuracy is higher by',
        notes: [labNote('santurkar2018/shift')],
        figures: [
          accuracyFigure(cells, {
            id: `${figures}-accuracy`,
            title: `Training accuracy, learning rate ${learningRate}`,
            caption: 'The same weights to begin with, the same batches.',
          }),
          ...shiftFigures(cells, figures),
          ...effectsFigure(parts, { id: `${figures}-effects`, title: 'Effects per seed' }),
        ],
      });
    },
  });
