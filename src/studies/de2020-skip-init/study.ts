/** @file De and Smith 2020: do residual networks need batch norm to gain by large learning rates? A counter-claim to bjorck2018. */

import { type AccuracyArm, accuracyProtocols, accuracyTraining, checkAccuracy } from '../accuracy-training.ts';
import {
  accuraciesText,
  accuracyFigures,
  accuracyTable,
  effectsOf,
  gainByRate,
  obstacleOfGain,
  obstacleTo,
  outcomesOf,
} from '../accuracies.ts';
import { formatInterval3, valuesText } from '../number-text.ts';
import { judgedPart, resultOf } from '../parts.ts';
import { FITTED_ACCURACY } from '../settled.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

/** zhang2019fixup: the other way to begin with branches that give nothing; told, and not judged. */
const BESIDE = 'fixup-large';
const arms = ['batch', 'batch-large', 'skip-init-large', BESIDE] as const satisfies readonly AccuracyArm[];

const rule = {
  /** Of what the large rate gains with batch norm: within a point of batch norm, as published, cannot be resolved at this size. */
  share: 0.5,
  shareMargin: 0,
  /** What the large rate gains with batch norm must be above it: half of what is nothing asks for nothing. */
  gainMargin: 0,
  fittedAccuracy: FITTED_ACCURACY,
} as const;

export const de2020SkipInit: Study = trainedStudy({
  name: 'de2020/skip-init',
  title: 'Large learning rates by SkipInit, without batch norm',
  paper: 'de2020',
  where: 'section 5',
  claim: 'A residual network whose branches start at nothing gains by a large learning rate without any normalisation.',
  tags: ['learning-rate', 'accuracy', 'cifar10', 'resnet'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms,
  protocol: (budget) => accuracyProtocols[budget],
  check: checkAccuracy,
  train: accuracyTraining,
  decide: (grid, protocol) => {
    const outcomes = outcomesOf(grid, protocol);
    const gain = effectsOf(outcomes, gainByRate);
    const obstacle =
      obstacleTo(
        outcomes.filter(({ arm }) => arm !== BESIDE),
        ['skip-init-large'],
      ) ?? obstacleOfGain(gain, 'batch norm at the large rate', rule.gainMargin);
    const beyondHalf = (arm: AccuracyArm) =>
      effectsOf(outcomes, (accuracy) => accuracy(arm) - accuracy('batch') - rule.share * gainByRate(accuracy));
    const part = judgedPart(
      {
        name: 'a',
        claim: 'At the large rate SkipInit has more than half of the gain that batch norm has by it.',
        effect:
          'difference (SkipInit at the large rate − batch norm at the small rate) of the test accuracy, less half of the difference ' +
          '(large rate − small rate) with batch norm',
        margin: rule.shareMargin,
        rule: 'above',
        remarks: [
          accuraciesText(outcomes),
          `Gain by the large rate with batch norm, per seed: ${valuesText(gain)}.`,
          `The same effect of Fixup, per seed: ${valuesText(beyondHalf(BESIDE))}. Not judged.`,
          'Paper: SkipInit trains networks of 1,000 layers, and comes within a point of batch norm.',
        ],
      },
      beyondHalf('skip-init-large'),
      obstacle,
    );
    const interval = part.pairings[0]?.interval;
    return resultOf([part], {
      outcome:
        interval === undefined
          ? (obstacle ?? 'an accuracy is missing')
          : `at the large rate SkipInit is more accurate by ${formatInterval3(interval)} than batch norm with half of its gain`,
      figures: [
        ...accuracyFigures(outcomes, protocol, 'skip-init'),
        ...effectsFigure([part], { id: 'skip-init-effects', title: 'Effects per seed' }),
      ],
      tables: [accuracyTable(outcomes, protocol)],
    });
  },
});
