/** @file Does a network with batch norm train over a wider range of initial scales and learning rates? README.md says why on MNIST. */

import { counted } from '../../counted.ts';
import type { DatasetName } from '../../data/dataset.ts';
import { datasets } from '../../data/datasets.ts';
import { SettingError } from '../../errors.ts';
import { modelName } from '../../models/index.ts';
import type { ActivationName } from '../../nn/activations.ts';
import type { InitialiserName } from '../../nn/initialisers.ts';
import type { NormName } from '../../norms/index.ts';
import { classifier } from '../../problems/classifier.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import { plainTraining } from '../plain-training.ts';
import { checkRates, checkTrained } from '../protocol-checks.ts';
import type { Budget, Study } from '../study.ts';
import { SHARE_OF_BEST } from '../trainable.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';
import { lossMap, trainedMap } from './figures.ts';
import { outcomesOf, shareTrained } from './share.ts';

interface Protocol extends JsonObject {
  readonly dataset: string;
  readonly model: string;
  readonly width: number;
  readonly activation: string;
  readonly initialiser: string;
  /** What the initial weights are multiplied by. */
  readonly initialScales: readonly number[];
  /** A factor of about 3 from one to the next; the middle is the best without norm at scale 1 (seed 0). */
  readonly learningRates: readonly number[];
  readonly batchSize: number;
  readonly steps: number;
  readonly seeds: number;
  readonly firstSeed: number;
}

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;
type Arm = keyof typeof arms;
const titles = { standard: 'without norm', batch: 'with batch norm' } as const satisfies Record<Arm, string>;

const rule = {
  /** A tenth of the grid. */
  shareMargin: 0.1,
  shareOfBest: SHARE_OF_BEST,
  learntAccuracy: 0.1,
} as const;

const quick: Protocol = {
  dataset: 'mnist',
  model: 'mlp',
  width: 1,
  activation: 'relu',
  initialiser: 'glorot',
  initialScales: [0.25, 0.5, 1, 2, 4],
  learningRates: [0.01, 0.03, 0.1, 0.3, 1],
  batchSize: 60,
  steps: 500,
  seeds: 6,
  firstSeed: 100,
};

/** No protocol was published: the largest budget trains ten times as long. */
const protocols: Readonly<Record<Budget, Protocol>> = {
  quick,
  standard: { ...quick, seeds: 10 },
  paper: { ...quick, seeds: 10, steps: 5000 },
};

export const santurkar2018Robustness: Study = trainedStudy({
  name: 'santurkar2018/robustness',
  title: 'Robustness to initial scale and learning rate',
  paper: 'santurkar2018',
  where: 'in the text, without a figure',
  claim:
    'A network trains over a larger share of a grid of initial scales and learning rates with batch normalisation than without.',
  tags: ['learning-rate', 'initialisation', 'mnist', 'mlp'],
  dataset: 'mnist',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch'],
  protocol: (budget) => protocols[budget],
  check: checkProtocol,
  vary: ({ initialScales, learningRates }) => ({ scale: initialScales, rate: learningRates }),
  train: ({ dataset, model, width, activation, initialiser, ...protocol }, { arm, scale, rate, seed }) => ({
    problem: classifier(modelName(model), {
      input: datasets[dataset as DatasetName].shape,
      classes: datasets[dataset as DatasetName].classes,
      norm: arms[arm],
      width,
      activation: activation as ActivationName,
      initialiser: initialiser as InitialiserName,
      initialScale: scale,
    }),
    training: plainTraining({
      dataset,
      batchSize: protocol.batchSize,
      steps: protocol.steps,
      seed,
      learningRate: rate,
    }),
    probes: [],
  }),
  decide: (grid, { dataset, initialScales, learningRates }) => {
    const { classes } = datasets[dataset as DatasetName];
    const outcomes = outcomesOf(
      grid.cells.map(({ point, records }) => ({ ...point, curve: curveOf(records) })),
      { accuracy: 1 / classes, learnt: rule.learntAccuracy },
    );
    const share = (arm: Arm, seed: number): number => shareTrained(outcomes, arm, seed);
    const shares = (arm: Arm): string => grid.seeds.map((seed) => format3(share(arm, seed))).join(', ');
    const diverged = (arm: Arm): number => outcomes.filter((one) => one.arm === arm && one.hasDiverged).length;
    const part = intervalPart(
      {
        name: 'a',
        claim: 'The share of the grid that trains is larger with batch normalisation by a tenth of the grid or more.',
        effect:
          `difference (batch norm − standard) of the share of ${initialScales.length} initial scales × ${learningRates.length} learning rates at which ` +
          'the final running training accuracy (mean of 20 batches) exceeds chance by more than half of what the best place of the same ' +
          'arm and seed does',
        margin: rule.shareMargin,
        rule: 'above',
        remarks: [
          `Share of the grid per seed: standard ${shares('standard')}; batch norm ${shares('batch')}.`,
          `Of ${outcomes.length / 2} trainings each, ${diverged('standard')} without and ${diverged('batch')} with batch norm diverged.`,
          'Paper: robustness to learning rate and initialisation is named among the known benefits, without a number.',
        ],
      },
      grid.seeds.map((seed) => ({ seed, value: share('batch', seed) - share('standard', seed) })),
    );
    const interval = part.pairings[0]?.interval;
    const whole = grid.seeds.filter((seed) => share('batch', seed) === 1).length;
    return resultOf([part], {
      outcome:
        interval === undefined
          ? 'an arm trains nowhere on the grid'
          : `the share of the grid that trains is larger with batch norm by ${formatInterval3(interval)} (margin ${rule.shareMargin})`,
      notes: [
        ...(whole > 0
          ? [
              `In ${whole} of ${counted(grid.seeds.length, 'seed')} batch norm trains on the whole grid: as far as that, the effect is a lower bound.`,
            ]
          : []),
        'What share trains depends on the grid: a grid that is centred on what suits one arm favours it. This one is centred on what trains best without norm, scale 1 and rate 0.1.',
      ],
      figures: [
        lossMap(outcomes, titles),
        trainedMap(outcomes, titles),
        ...effectsFigure([part], { id: 'robustness-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

function checkProtocol(protocol: Protocol): void {
  checkTrained(protocol);
  checkRates(protocol);
  const { initialScales } = protocol;
  if (new Set(initialScales).size === initialScales.length) return;
  throw new SettingError(`Initial scales must differ, got [${initialScales.join(', ')}]`);
}
