/** @file Ioffe & Szegedy 2015, section 4.1 and Figure 1: a sigmoid network on MNIST with and without batch norm. */

import { datasets } from '../../data/datasets.ts';
import type { DatasetName } from '../../data/dataset.ts';
import { modelName } from '../../models/index.ts';
import type { ActivationName } from '../../nn/activations.ts';
import type { InitialiserName } from '../../nn/initialisers.ts';
import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import { classifier } from '../../problems/classifier.ts';
import type { Records } from '../../records/records.ts';
import type { Grid } from '../grid.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { type IntervalClaim, pairingsPart, resultOf } from '../parts.ts';
import { plainTraining } from '../plain-training.ts';
import { checkRates, checkTrained } from '../protocol-checks.ts';
import type { PairingResult, PartResult } from '../result.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { area, instability, stepsToAccuracy } from './effects.ts';
import { accuracyFigure, layersFigure, percentileFigure } from './figures.ts';
import { type MnistProtocol, protocols, rule } from './protocol.ts';

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;
type Arm = keyof typeof arms;
type Rates = Readonly<Record<Arm, number>>;
type MnistGrid = Grid<Arm, { readonly rate: readonly number[] }>;

export const ioffe2015Mnist: Study = trainedStudy({
  name: 'ioffe2015/mnist',
  title: 'Batch norm on MNIST',
  paper: 'ioffe2015',
  where: 'section 4.1 and Figure 1',
  claim:
    'With batch normalisation a sigmoid network on MNIST is more accurate throughout training, reaches 95 % in half the steps, and its sigmoids have steadier inputs.',
  tags: ['speed', 'covariate-shift', 'mnist', 'mlp'],
  dataset: 'mnist-binary',
  rule,
  arms: ['standard', 'batch'],
  protocol: (budget) => protocols[budget],
  check: checkProtocol,
  vary: ({ learningRates }) => ({ rate: learningRates }),
  train: ({ dataset, model, width, activation, initialiser, ...protocol }, { arm, rate, seed }) => ({
    problem: classifier(modelName(model), {
      input: datasets[dataset as DatasetName].shape,
      classes: datasets[dataset as DatasetName].classes,
      norm: arms[arm],
      width,
      activation: activation as ActivationName,
      initialiser: initialiser as InitialiserName,
    }),
    training: plainTraining({
      dataset,
      batchSize: protocol.batchSize,
      steps: protocol.steps,
      seed,
      learningRate: rate,
      evaluateEvery: protocol.evaluateEvery,
    }),
    probes: [
      heldProbe('activation-percentiles', { every: protocol.every, layers: [3], units: protocol.units }),
      heldProbe('activation-percentiles', {
        every: protocol.every,
        layers: [1, 2, 3],
        percentiles: [5, 15, 50, 85, 95],
      }),
    ],
  }),
  decide: (grid, protocol) => {
    const parts = partsOf(grid, protocol);
    const text = (part: PartResult | undefined): string =>
      part?.pairings.map(({ name, interval }) => `${name} ${interval ? formatInterval3(interval) : '–'}`).join(', ') ??
      '';
    const [accuracy, speed, stability] = parts;
    const hanging = parts.filter(({ pairings }) => new Set(pairings.map(({ verdict }) => verdict)).size > 1);
    return resultOf(parts, {
      outcome:
        `mean test accuracy is higher with batch norm by ${text(accuracy)}; ln of the ratio of steps to 95 % is ${text(speed)} ` +
        `(margin ${format3(rule.speedMargin)}); ln of the ratio of instability is ${text(stability)}`,
      notes: hanging.map(({ name }) => `Part (${name}) hangs on the learning rate, which the paper does not give.`),
      figures: [
        ...protocol.learningRates.flatMap((rate) => [
          accuracyFigure(grid, rate),
          percentileFigure(grid, rate),
          layersFigure(grid, rate),
        ]),
        ...effectsFigure(parts, { id: 'mnist-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

function partsOf(grid: MnistGrid, { steps, learningRates }: MnistProtocol): readonly PartResult[] {
  const pairings = [
    ...learningRates.map((rate) => ({ name: `rate ${rate}`, rates: { standard: rate, batch: rate } })),
    { name: 'best rates', rates: rule.bestRates },
  ].filter(({ rates }) => Object.values(rates).every((rate) => learningRates.includes(rate)));
  const part = (about: Omit<IntervalClaim, 'rule'>, of: (standard: Records, batch: Records) => number): PartResult =>
    pairingsPart(
      { ...about, rule: 'above' },
      pairings.map(({ name, rates }) => ({ name, effects: effectsAt(grid, rates, of) })),
    );
  return [
    part(
      {
        name: 'a',
        claim: 'The test accuracy, averaged over training, is higher.',
        effect: 'difference (batch norm − standard) of the mean of the test accuracy over all evaluations',
        margin: rule.areaMargin,
        remarks: [
          'Paper: 0.95 within 3,000 steps against 0.7 at first, 0.98 against 0.97 at the end (read off Fig. 1a).',
        ],
      },
      (standard, batch) => area(batch) - area(standard),
    ),
    part(
      {
        name: 'b',
        claim: 'A test accuracy of 95 % is reached in half the steps.',
        effect:
          'ln of the ratio (standard / batch norm) of the steps to the first evaluation with a test accuracy of 95 %; a network that never has it counts as its last step',
        margin: rule.speedMargin,
        remarks: learningRates.map((rate) => {
          const reached = (arm: Arm): string => {
            const cells = grid.where({ arm, rate }).cells;
            return `${cells.filter(({ records }) => stepsToAccuracy(records, steps + 1) <= steps).length} of ${cells.length}`;
          };
          return `At rate ${rate} ${reached('standard')} networks without and ${reached('batch')} with batch norm reach it within ${steps} steps.`;
        }),
      },
      (standard, batch) => Math.log(stepsToAccuracy(standard, steps) / stepsToAccuracy(batch, steps)),
    ),
    part(
      {
        name: 'c',
        claim: 'The inputs of its sigmoids are distributed more steadily over training.',
        effect:
          'ln of the ratio (standard / batch norm) of V: the standard deviation over training, after its first 1 %, of the 15th, 50th and 85th percentile of the input of a sigmoid of the last hidden layer, over the distance from the 15th to the 85th at the end; mean over percentiles and units',
        margin: rule.stabilityMargin,
        remarks: [],
      },
      (standard, batch) => Math.log(instability(standard, steps) / instability(batch, steps)),
    ),
  ];
}

function effectsAt(
  grid: MnistGrid,
  rates: Rates,
  of: (standard: Records, batch: Records) => number,
): PairingResult['effects'] {
  const at = (arm: Arm, seed: number): Records => grid.cell({ arm, seed, rate: rates[arm] }).records;
  return grid.seeds.map((seed) => ({ seed, value: of(at('standard', seed), at('batch', seed)) }));
}

function checkProtocol(protocol: MnistProtocol): void {
  checkTrained(protocol);
  checkRates(protocol);
}
