/** @file Keskar et al. 2017, Table 2: do large batches end in sharper minima that generalise worse? */

import { adam } from '../../train/optimisers/adam.ts';
import type { DotMark, PlotFigure } from '../figure.ts';
import {
  keskarNote,
  type KeskarProtocol,
  keskarProtocols,
  keskarTraining,
  lastSharpness,
  testErrorOf,
} from '../keskar-training.ts';
import type { Grid } from '../grid.ts';
import { format3, formatInterval3, valuesText } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import { checkTrained } from '../protocol-checks.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';

interface Protocol extends KeskarProtocol {
  readonly smallBatch: number;
  readonly largeBatch: number;
  readonly learningRate: number;
}

const arms = { small: 'smallBatch', large: 'largeBatch' } as const satisfies Record<string, keyof Protocol>;
type Arm = keyof typeof arms;

const rule = {
  /** The paper's ratios are 25 and more. */
  sharpnessMargin: Math.log(3) as number,
  testMargin: 0,
} as const;

/** Large: a tenth of the data, as in the paper. The paper's small batch is 256 of 60,000 images. */
const protocolAt = (budget: Budget): Protocol => {
  const protocol = keskarProtocols[budget];
  const smallBatch = budget === 'paper' ? 256 : 64;
  return { ...protocol, smallBatch, largeBatch: protocol.examples / 10, learningRate: 0.001 };
};

export const keskar2017Sharpness: Study = trainedStudy({
  name: 'keskar2017/sharpness',
  title: 'Sharpness of minima against batch size',
  paper: 'keskar2017',
  where: 'Tables 2 and 3',
  claim:
    'Trained with large batches, a network with batch normalisation ends in a sharper minimum, and generalises worse.',
  tags: ['sharpness', 'batch-size', 'mnist', 'mlp'],
  dataset: 'mnist',
  leastBudget: 'standard',
  rule,
  arms: ['small', 'large'],
  protocol: protocolAt,
  check: checkTrained,
  train: (protocol, { arm, seed }) =>
    keskarTraining(protocol, {
      batchSize: protocol[arms[arm]],
      optimiser: adam(),
      rate: protocol.learningRate,
      seed,
    }),
  decide: (grid, protocol) => {
    const { smallBatch, largeBatch } = protocol;
    const curves = grid.cells.map(({ point: { arm, seed }, records }) => ({
      arm: batchName(arm, protocol),
      seed,
      curve: curveOf(records),
    }));
    const sharpness = (arm: Arm): string => valuesText(grid.where({ arm }).bySeed(lastSharpness));
    const errors = (arm: Arm): string =>
      valuesText(grid.where({ arm }).bySeed((records) => 100 * testErrorOf(records)));
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: 'The minimum of large batches is more than three times as sharp.',
          effect: `ln of the ratio (batch ${largeBatch} / batch ${smallBatch}) of φ before the last step, what is below 0.001 % counting as that`,
          margin: rule.sharpnessMargin,
          rule: 'above',
          remarks: [
            `φ in % per seed: batch ${smallBatch} ${sharpness('small')}; batch ${largeBatch} ${sharpness('large')}.`,
            'Paper: 1.23 ± 0.83 and 205 ± 70 on this network (F1, Table 3), ln of the ratio about 5.',
          ],
        },
        grid.differences('large', 'small', (records) => Math.log(lastSharpness(records))),
      ),
      intervalPart(
        {
          name: 'b',
          claim: 'Large batches generalise worse.',
          effect: `test error of batch ${largeBatch} less that of batch ${smallBatch} after the last step, as fractions`,
          margin: rule.testMargin,
          rule: 'above',
          remarks: [
            `Test error in % per seed: batch ${smallBatch} ${errors('small')}; batch ${largeBatch} ${errors('large')}.`,
            'Paper: 1.97 and 2.19 % on this network (F1, Table 2).',
          ],
        },
        grid.differences('large', 'small', testErrorOf),
      ),
    ];
    const interval = parts[0]?.pairings[0]?.interval;
    return resultOf(parts, {
      outcome:
        interval === undefined
          ? 'a training has no end to measure at'
          : `ln of the ratio of φ, batch ${largeBatch} over ${smallBatch}, is ${formatInterval3(interval)} (margin ${format3(rule.sharpnessMargin)})`,
      notes: [
        keskarNote(grid.records, protocol),
        'As many epochs for both, so that large batches take fewer steps: Keskar et al. train until the loss stops improving.',
      ],
      figures: [
        sharpnessFigure(grid, protocol),
        accuracyFigure(curves, {
          id: 'keskar-training-accuracy',
          title: 'Training accuracy of small and large batches',
          caption: 'The same weights to begin with, as many epochs.',
        }),
        ...effectsFigure(parts, { id: 'keskar-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

/** "batch 64", as both figures call it. */
function batchName(arm: Arm, protocol: Protocol): string {
  return `batch ${protocol[arms[arm]]}`;
}

function sharpnessFigure(grid: Grid<Arm, Readonly<Record<never, never>>>, protocol: Protocol): PlotFigure {
  return {
    id: 'keskar-sharpness',
    title: 'Sharpness and test error',
    caption: `A dot per seed: φ in the box of ε = ${protocol.epsilon} before the last step, and the test error after it.`,
    x: { label: 'φ', unit: '%', scale: 'log' },
    y: { label: 'test error', unit: '%', scale: 'linear' },
    marks: grid.cells.map(
      ({ point: { arm, seed }, records }): DotMark => ({
        mark: 'dot',
        arm: batchName(arm, protocol),
        seed,
        x: [lastSharpness(records)],
        y: [100 * testErrorOf(records)],
      }),
    ),
  };
}
