/** @file Santurkar et al. 2018, Figure 3: does batch norm reduce internal covariate shift (Definition 2.1)? */

import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import type { Budget, Study } from '../study.ts';
import { labNote } from '../definition-lab.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf, stepAtShare } from '../training-curves.ts';
import { checkVgg, layersFor, type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';
import { shiftFigures, shiftParts, shiftResult, shiftRule } from './result.ts';
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
      published: {
        length: 'about 0.3 to 1 for both after the first steps (read off Fig. 3, learning rate 0.1)',
        cosine: '0.4 to 0.8 for both at layer 5, 0 to 0.1 for both at layer 10 (read off Fig. 3)',
      },
    });
    return shiftResult(parts, {
      ahead: 'the final training accuracy is higher by',
      notes: [labNote('santurkar2018/shift')],
      figures: [
        accuracyFigure(cells, {
          id: 'shift-accuracy',
          title: `Training accuracy, learning rate ${learningRate}`,
          caption: 'The same weights to begin with, the same batches.',
        }),
        ...shiftFigures(cells, 'shift'),
        ...effectsFigure(parts, { id: 'shift-effects', title: 'Effects per seed' }),
      ],
    });
  },
});
