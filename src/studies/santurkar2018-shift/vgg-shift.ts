/** @file A study of internal covariate shift (Definition 2.1) of a VGG at one learning rate: one for each that the paper shows. */

import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import type { Study } from '../study.ts';
import { labNote } from '../definition-lab.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf, stepAtShare } from '../training-curves.ts';
import { layersFor, type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';
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
  extends Pick<Study, 'name' | 'title' | 'claim' | 'leastBudget'>,
    Pick<ShiftClaim, 'published'> {
  readonly learningRate: number;
  /** What the ids of its figures begin with. */
  readonly figures: string;
}

export const vggShiftStudy = ({ learningRate: paperRate, figures, published, ...about }: VggShift): Study =>
  trainedStudy({
    ...about,
    paper: 'santurkar2018',
    where: 'Definition 2.1 and Figure 3',
    tags: ['covariate-shift', 'cifar10', 'vgg'],
    dataset: 'cifar10',
    rule,
    arms: ['standard', 'batch'],
    protocol: (budget): Protocol => ({
      ...vggProtocols[budget],
      learningRate: paperRate,
      every: budget === 'paper' ? 50 : 20,
      layers: layersFor(budget, { vgg11: [4, 7], vgg16: [5, 10] }),
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
      const parts = shiftParts({
        gain: {
          effect: 'difference (batch norm − standard) of the final running training accuracy (mean of 20 batches)',
          pairings: [
            {
              name: 'over seeds',
              effects: grid.seeds.map((seed) => ({
                seed,
                value: of('batch', seed).curve.finalAccuracy - of('standard', seed).curve.finalAccuracy,
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
