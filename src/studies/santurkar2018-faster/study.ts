/** @file Santurkar et al. 2018, Figure 1: does batch norm reach a training accuracy in fewer steps at the same rate? */

import type { NormName } from '../../norms/index.ts';
import type { Grid } from '../grid.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';
import { vggTraining } from '../vgg-training.ts';
import { driftOf, watchedProtocol, watchUnits } from '../santurkar2018-noisy/drift.ts';
import { checkTrained } from '../protocol-checks.ts';
import { LEARNT_ACCURACY, SHARE_OF_FINAL, speedUp } from './speed.ts';

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;

const rule = {
  /** ln(1 / 0.75): a quarter of the steps less; the paper's figure reads about ln(1 / 0.3). */
  speedMargin: Math.log(4 / 3) as number,
  shareOfFinal: SHARE_OF_FINAL,
  learntAccuracy: LEARNT_ACCURACY,
  /** Test accuracies are compared where both arms have this training accuracy in every seed. */
  fittedAccuracy: 0.95,
  testMargin: 0,
} as const;

export const santurkar2018Faster: Study = trainedStudy({
  name: 'santurkar2018/faster',
  title: 'Faster training with batch norm',
  paper: 'santurkar2018',
  where: 'Figure 1',
  claim: 'With batch normalisation a network reaches a training accuracy in fewer steps at the same learning rate.',
  tags: ['speed', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  rule,
  arms: ['standard', 'batch'],
  protocol: watchedProtocol,
  check: checkTrained,
  train: (protocol, { arm, seed }) => ({
    ...vggTraining(protocol, { norm: arms[arm], rate: protocol.learningRate, seed }),
    probes: [watchUnits(protocol)],
  }),
  decide: (grid, { learningRate, steps }) => {
    const curves = grid.cells.map(({ point, records }) => ({ ...point, curve: curveOf(records) }));
    const of = (arm: keyof typeof arms, seed: number) => ({
      curve: curveOf(grid.cell({ arm, seed }).records),
      steps,
    });
    const speeds = grid.seeds.map((seed) => ({ seed, value: speedUp(of('standard', seed), of('batch', seed)) }));
    const finals = (arm: string): string =>
      curves.flatMap(({ arm: own, curve }) => (own === arm ? [format3(curve.finalAccuracy)] : [])).join(', ');
    const speed = intervalPart(
      {
        name: 'a',
        claim: 'Batch normalisation reaches the accuracy in at most three quarters of the steps.',
        effect:
          'ln of the ratio (standard / batch norm) of the steps until the running training accuracy (mean of 20 batches) is 80 % of ' +
          'the lower of both final ones',
        margin: rule.speedMargin,
        rule: 'above',
        remarks: [
          `Final running training accuracy per seed: standard ${finals('standard')}; batch norm ${finals('batch')}.`,
          'Paper: 80 % at about 900 steps with batch norm and 3,000 without, ln of the ratio about 1.2 (Fig. 1).',
        ],
      },
      speeds,
    );
    const isFitted = curves.every(({ curve }) => curve.finalAccuracy > rule.fittedAccuracy);
    const generalisation = intervalPart(
      {
        name: 'b',
        claim: 'Where both fit the training set, batch normalisation has the higher test accuracy.',
        effect: 'difference (batch norm − standard) of the test accuracy after the last step',
        margin: rule.testMargin,
        rule: 'above',
        remarks: ['Paper: 83 against 80 % after 15,000 steps (section 2).'],
      },
      grid.seeds.map((seed) => ({
        seed,
        value: of('batch', seed).curve.testAccuracy - of('standard', seed).curve.testAccuracy,
      })),
    );
    const parts = isFitted ? [speed, generalisation] : [speed];
    const interval = speed.pairings[0]?.interval;
    const tests = (arm: string): string =>
      curves.flatMap(({ arm: own, curve }) => (own === arm ? [format3(curve.testAccuracy)] : [])).join(', ');
    return resultOf(parts, {
      outcome:
        interval === undefined
          ? `an arm has not learnt more than ${100 * LEARNT_ACCURACY} points beyond chance`
          : `ln of the ratio of steps to the same training accuracy is ${formatInterval3(interval)} (margin ${format3(speed.margin)})`,
      notes: [
        ...(isFitted
          ? []
          : [
              `Test accuracy is not judged: not every network has ${100 * rule.fittedAccuracy} % training accuracy after ` +
                `${steps} steps. It is, per seed, ${tests('standard')} without and ${tests('batch')} with batch norm.`,
            ]),
        `How far the mean of a unit moves in one step, in its own standard deviations (median over units and steps, per seed): ` +
          `standard ${driftsText(grid, 'standard')}; batch norm ${driftsText(grid, 'batch')}. The paper calls the ` +
          'difference in stability marginal and gives no number (Fig. 1c); not judged.',
      ],
      figures: [
        accuracyFigure(curves, {
          id: 'faster-training-accuracy',
          title: `Training accuracy, learning rate ${learningRate}`,
          caption: 'The same weights to begin with, the same batches.',
        }),
        ...effectsFigure(parts, { id: 'faster-training-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

function driftsText(grid: Grid, arm: string): string {
  return grid
    .where({ arm })
    .cells.map(({ records }) => format3(driftOf(records).relativeMean))
    .join(', ');
}
