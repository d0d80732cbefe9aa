/** @file Bjorck et al. 2018, Figure 1: is it the larger learning rate that makes networks with batch norm more accurate? */

import { SettingError } from '../../errors.ts';
import {
  type AccuracyArm,
  type AccuracyProtocol,
  accuracyProtocols,
  accuracyTraining,
  checkAccuracy,
  rateOf,
  stepsOf,
} from '../accuracy-training.ts';
import {
  accuraciesText,
  accuracyFigures,
  accuracyTable,
  effectsOf,
  gainByRate,
  obstacleTo,
  type Outcome,
  outcomesOf,
} from '../accuracies.ts';
import { format3, formatInterval3, valuesText } from '../number-text.ts';
import { judgedPart, resultOf } from '../parts.ts';
import { speedUp } from '../santurkar2018-faster/speed.ts';
import { FITTED_ACCURACY } from '../settled.ts';
import type { Budget, Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

interface Protocol extends AccuracyProtocol {
  /** Smaller batches beside it, at the same rates and epochs: de2020 finds that large rates gain little there. */
  readonly smallBatchSizes: readonly number[];
  /** Seeds of those, which are not judged. */
  readonly controlSeeds: number;
}

const MIDDLE = 'batch-middle';

const arms = ['standard', 'batch', 'batch-large', MIDDLE] as const satisfies readonly AccuracyArm[];

const rule = {
  gainMargin: 0,
  /** What batch norm changes at the small rate, either way, must be less than this share of what the large rate gains. */
  sameShare: 0.5,
  fittedAccuracy: FITTED_ACCURACY,
} as const;

const protocolAt = (budget: Budget): Protocol => ({
  ...accuracyProtocols[budget],
  smallBatchSizes: [16],
  controlSeeds: budget === 'paper' ? 3 : 0,
  // With as many epochs as the paper gives it.
  ...(budget === 'paper' && { middleRate: 0.003, middleRateEpochs: 1320 }),
});

export const bjorck2018LearningRate: Study = trainedStudy({
  name: 'bjorck2018/learning-rate',
  title: 'Accuracy at equal and at larger learning rates',
  paper: 'bjorck2018',
  where: 'Figure 1',
  claim:
    'Batch normalisation makes a residual network more accurate by the larger learning rates that it allows, and changes little at a rate that both survive.',
  tags: ['learning-rate', 'accuracy', 'cifar10', 'resnet'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms,
  protocol: protocolAt,
  check: checkProtocol,
  vary: ({ batchSize, smallBatchSizes }) => ({ batch: [batchSize, ...smallBatchSizes] }),
  isMade: (protocol, { arm, batch, seed }) =>
    !Number.isNaN(rateOf(protocol, arm)) && (batch === protocol.batchSize || seed < protocol.controlSeeds),
  train: (protocol, { arm, seed, batch }) => accuracyTraining(protocol, { arm, seed, batchSize: batch }),
  decide: (grid, protocol) => {
    const outcomes = outcomesOf(grid.where({ batch: protocol.batchSize }), protocol);
    const obstacle = obstacleTo(outcomes.filter(({ arm }) => arm !== MIDDLE));
    const share = rule.sameShare;
    const gain = effectsOf(outcomes, gainByRate);
    const parts = [
      judgedPart(
        {
          name: 'a',
          claim: 'With batch normalisation the large rate leads to a higher test accuracy than the small one.',
          effect: 'G = difference (large rate − small rate) of the test accuracy with batch norm',
          margin: rule.gainMargin,
          rule: 'above',
          remarks: [accuraciesText(outcomes), 'Paper: 0.932 at 0.1 and 0.813 at 0.0001, a gain of 0.119 (Fig. 1).'],
        },
        gain,
        obstacle,
      ),
      judgedPart(
        {
          name: 'b',
          claim: 'At the small rate batch normalisation gains less than half of that.',
          effect: 'G/2 − S, with S the difference (batch norm − without norms) of the test accuracy at the small rate',
          margin: rule.gainMargin,
          rule: 'above',
          remarks: [
            `S per seed: ${valuesText(effectsOf(outcomes, sameOf))}.`,
            'Paper: 0.813 with and 0.819 without batch norm at 0.0001, S = −0.006 (Fig. 1).',
          ],
        },
        effectsOf(outcomes, (accuracy) => share * gainByRate(accuracy) - sameOf(accuracy)),
        obstacle,
      ),
      judgedPart(
        {
          name: 'c',
          claim: 'At the small rate batch normalisation loses less than half of that.',
          effect: 'G/2 + S',
          margin: rule.gainMargin,
          rule: 'above',
        },
        effectsOf(outcomes, (accuracy) => share * gainByRate(accuracy) + sameOf(accuracy)),
        obstacle,
      ),
    ];
    const interval = parts[0]?.pairings[0]?.interval;
    return resultOf(parts, {
      outcome:
        interval === undefined
          ? (obstacle ?? 'an accuracy is missing')
          : `with batch norm the large rate gains ${formatInterval3(interval)} of test accuracy; at the small rate batch norm changes it by ${valuesText(
              effectsOf(outcomes, sameOf),
            )} in the seeds`,
      notes: [
        speedNote(outcomes, protocol),
        ...middleNotes(outcomes, protocol),
        ...protocol.smallBatchSizes.flatMap((batch) => {
          const small = outcomesOf(grid.where({ batch }), protocol, batch);
          if (small.length === 0) return [];
          return [
            `With batches of ${batch}: G ${valuesText(effectsOf(small, gainByRate))}; S ${valuesText(effectsOf(small, sameOf))}. De and ` +
              'Smith 2020 find that large rates gain little with small batches. Not judged.',
          ];
        }),
      ],
      figures: [
        ...accuracyFigures(outcomes, protocol, 'learning-rate'),
        ...effectsFigure(parts, { id: 'learning-rate-effects', title: 'Effects per seed' }),
      ],
      tables: [accuracyTable(outcomes, protocol)],
    });
  },
});

function sameOf(accuracy: (arm: AccuracyArm) => number): number {
  return accuracy('batch') - accuracy('standard');
}

/** Not judged, as two rates are enough for the claim; drawn and told beside them. */
function middleNotes(outcomes: readonly Outcome[], { middleRate }: Protocol): readonly string[] {
  if (middleRate === undefined) return [];
  const accuracies = valuesText(effectsOf(outcomes, (accuracy) => accuracy(MIDDLE)));
  return [
    `Test accuracy of batch norm at a rate of ${middleRate} between them, per seed: ${accuracies}. Paper: 0.904 at 0.003 ` +
      '(Fig. 1). Not judged.',
  ];
}

/** How much sooner batch norm is at the small rate: write-ups grant it a small gain in speed there. */
function speedNote(outcomes: readonly Outcome[], protocol: Protocol): string {
  const timed = (arm: AccuracyArm) =>
    outcomes.flatMap((one) => (one.arm === arm ? [{ curve: one.curve, steps: stepsOf(protocol, arm) }] : []));
  const fast = timed('batch');
  const ratios = timed('standard').flatMap((slow, i) => {
    const other = fast[i];
    return other === undefined ? [] : [format3(speedUp(slow, other))];
  });
  return (
    'ln of the ratio (without norms / batch norm) of steps at the small rate to 80 % of the lower of both final training accuracies, ' +
    `per seed: ${ratios.join(', ')}. Not judged.`
  );
}

function checkProtocol(protocol: Protocol): void {
  checkAccuracy(protocol);
  const { batchSize, smallBatchSizes } = protocol;
  if (smallBatchSizes.every((size) => size !== batchSize) && new Set(smallBatchSizes).size === smallBatchSizes.length)
    return;
  throw new SettingError(`Batch sizes must differ, got ${batchSize} and [${smallBatchSizes.join(', ')}]`);
}
