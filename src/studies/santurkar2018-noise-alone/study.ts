/** @file Santurkar et al. 2018, section 2.1: does the noise that batch norm bears keep a network without it from training? */

import type { NormName } from '../../norms/index.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import { LEARNT_ACCURACY } from '../santurkar2018-faster/speed.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf, type TrainingCurve } from '../training-curves.ts';
import { type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';
import { checkTrained } from '../protocol-checks.ts';
import { keptFromTraining, SHARE_LEFT } from './effect.ts';

interface Protocol extends VggProtocol {
  readonly learningRate: number;
}

const arms = { standard: 'none', noise: 'noise' } as const satisfies Record<string, NormName>;

const rule = {
  /** Noise must leave less than a quarter of the gain over chance. */
  margin: 0,
  shareLeft: SHARE_LEFT,
  learntAccuracy: LEARNT_ACCURACY,
} as const;

const protocolAt = (budget: Budget): Protocol => ({ ...vggProtocols[budget], learningRate: 0.1 });

export const santurkar2018NoiseAlone: Study = trainedStudy({
  name: 'santurkar2018/noise-alone',
  title: 'Noise without batch norm',
  paper: 'santurkar2018',
  where: 'section 2.1 and Algorithm 1',
  claim: 'The noise that leaves batch normalisation its advantage prevents a network without it from training.',
  tags: ['noise', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'noise'],
  protocol: protocolAt,
  check: checkTrained,
  train: (protocol, { arm, seed }) => ({
    ...vggTraining(protocol, { norm: arms[arm], rate: protocol.learningRate, seed }),
    probes: [],
  }),
  decide: (grid, { learningRate }) => {
    const curves = grid.cells.map(({ point, records }) => ({ ...point, curve: curveOf(records) }));
    const curve = (arm: keyof typeof arms, seed: number): TrainingCurve => curveOf(grid.cell({ arm, seed }).records);
    const finals = (arm: keyof typeof arms): string =>
      grid.seeds.map((seed) => format3(curve(arm, seed).finalAccuracy)).join(', ');
    const diverged = curves.filter(({ arm, curve: { divergedAt } }) => arm === 'noise' && divergedAt !== undefined);
    const part = intervalPart(
      {
        name: 'a',
        claim: 'With noise and no norm a network comes to less than a quarter of what it learns without noise.',
        effect:
          'chance + ¼ (standard − chance) − noise, of the final running training accuracies (mean of 20 batches), the noise on while ' +
          'it is measured; a training with noise that diverged counts as chance',
        margin: rule.margin,
        rule: 'above',
        remarks: [
          `Final running training accuracy per seed: standard ${finals('standard')}; noise ${finals('noise')}.`,
          'Paper: the noise “prevents it from training entirely”, without a number (section 2.1).',
        ],
      },
      grid.seeds.map((seed) => ({ seed, value: keptFromTraining(curve('standard', seed), curve('noise', seed)) })),
    );
    const interval = part.pairings[0]?.interval;
    return resultOf([part], {
      outcome:
        interval === undefined
          ? `the standard network has not learnt more than ${100 * LEARNT_ACCURACY} points beyond chance in every seed`
          : `a quarter of the standard network’s gain over chance, less what is gained with noise alone, is ${formatInterval3(interval)} (margin ${rule.margin})`,
      notes: [
        ...(diverged.length > 0 ? [`With noise ${diverged.length} of ${grid.seeds.length} trainings diverged.`] : []),
        'The noise has the same size in every layer, whatever the size of its values: a norm in the next layer takes its scale away again, ' +
          'and without a norm the factors, 1.125 on average, multiply up over depth.',
      ],
      figures: [
        accuracyFigure(curves, {
          id: 'noise-alone-accuracy',
          title: `Training accuracy, learning rate ${learningRate}`,
          caption: 'Without norm, and with noise in place of one; the noise is on while it is measured.',
        }),
        ...effectsFigure([part], { id: 'noise-alone-effects', title: 'Effects per seed' }),
      ],
    });
  },
});
