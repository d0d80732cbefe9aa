/** @file Yao et al. 2020 (PyHessian), abstract: in shallow networks batch norm does not make the loss smoother. */

import type { DatasetName } from '../../data/dataset.ts';
import { datasets } from '../../data/datasets.ts';
import { median } from '../../math/statistics.ts';
import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import { classifier } from '../../problems/classifier.ts';
import type { Problem } from '../../problems/problem.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { Records } from '../../records/records.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { format3, formatInterval3, valuesText } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import { plainTraining } from '../plain-training.ts';
import { checkTrained } from '../protocol-checks.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, effectsFigure, stepsAxis } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf, valuesFrom } from '../training-curves.ts';

interface Protocol extends JsonObject {
  readonly dataset: string;
  /** Layers with weights, the last of them linear. */
  readonly layers: readonly number[];
  readonly channels: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly steps: number;
  /** Steps between measurements, and the step from which on they count. */
  readonly every: number;
  readonly from: number;
  readonly seeds: number;
  readonly firstSeed: number;
}

type Vary = { readonly layers: readonly number[] };

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;
type Arm = keyof typeof arms;

const rule = {
  /** As sharp or sharper counts, and smoother by no more than a fifth. */
  smootherMargin: -Math.log(1.2) as number,
} as const;

const standard: Protocol = {
  dataset: 'cifar10',
  layers: [2, 3, 4],
  channels: 16,
  batchSize: 64,
  learningRate: 0.1,
  steps: 300,
  every: 10,
  from: 50,
  seeds: 10,
  firstSeed: 100,
};

const protocols: Readonly<Record<Budget, Protocol>> = {
  quick: { ...standard, seeds: 6 },
  standard,
  paper: { ...standard, channels: 64, steps: 3000 },
};

/** 3 × 3 convolutions, the second and later of stride 2, the mean of each channel, and a linear layer. */
function shallow({ dataset, channels }: Protocol, layers: number, norm: NormName): Problem {
  const { shape, classes } = datasets[dataset as DatasetName];
  return classifier(
    function shallow({ conv, globalAveragePool, linear }) {
      return (images) => {
        let x = images;
        for (let layer = 1; layer < layers; layer++) {
          x = conv(`conv${layer}`, x, { channels, stride: layer === 1 ? 1 : 2 });
        }
        return linear('head', globalAveragePool(x), classes);
      };
    },
    { input: shape, classes, norm, initialiser: 'he' },
  );
}

export const yao2020Shallow: Study = trainedStudy<Protocol, Arm, Vary>({
  name: 'yao2020/shallow',
  title: 'Smoothness in shallow networks',
  paper: 'yao2020',
  where: 'abstract',
  claim: 'In shallow networks batch normalisation does not make the loss smoother.',
  tags: ['sharpness', 'curvature', 'cifar10', 'counter-claim'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch'],
  protocol: (budget) => protocols[budget],
  check: checkTrained,
  vary: ({ layers }) => ({ layers }),
  train: (protocol, { arm, layers, seed }) => {
    const { dataset, batchSize, steps, learningRate, every } = protocol;
    return {
      problem: shallow(protocol, layers, arms[arm]),
      training: plainTraining({ dataset, batchSize, steps, seed, learningRate }),
      probes: [heldProbe('batch-sharpness', { every })],
    };
  },
  decide: (grid, protocol) => {
    const { layers: depths, from } = protocol;
    const curves = grid.cells.map(({ point, records }) => ({
      ...point,
      panel: `${point.layers} layers`,
      curve: curveOf(records),
    }));
    const sharpness = (records: Records): number => medianFrom(records, from);
    const parts = depths.map((layers, i) => {
      const own = grid.where({ layers });
      const texts = (arm: Arm): string => valuesText(own.where({ arm }).bySeed(sharpness));
      return intervalPart(
        {
          name: 'abcdefgh'.charAt(i),
          claim: `With ${layers} layers, batch normalisation is not smoother by more than a fifth.`,
          effect: `ln of the ratio (batch norm / standard) of the median batch sharpness from step ${from} on`,
          margin: rule.smootherMargin,
          rule: 'above',
          remarks: [
            `Median batch sharpness per seed: standard ${texts('standard')}; batch norm ${texts('batch')}.`,
            'Paper: that batch norm “does not necessarily make the loss landscape smoother, especially for shallower networks”, by trace and spectrum.',
          ],
        },
        own.differences('batch', 'standard', (records) => Math.log(sharpness(records))),
      );
    });
    const told = parts.flatMap(({ pairings }, i) => {
      const interval = pairings[0]?.interval;
      return interval === undefined ? [] : [`${formatInterval3(interval)} with ${depths[i]} layers`];
    });
    return resultOf(parts, {
      outcome:
        told.length === 0
          ? 'no batch sharpness could be measured'
          : `ln of the ratio of batch sharpness, batch norm over standard, is ${told.join(', ')} (margin ${format3(rule.smootherMargin)})`,
      notes: [
        'Batch sharpness is gᵀHg/‖g‖² of the step’s own mini-batch in training mode: what a step of the training meets.',
      ],
      figures: [
        sharpnessFigure(grid),
        accuracyFigure(curves, {
          id: 'shallow-accuracy',
          title: 'Training accuracy',
          caption: 'The same weights to begin with, the same batches.',
        }),
        ...effectsFigure(parts, { id: 'shallow-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

function medianFrom(records: Records, from: number): number {
  const values = valuesFrom(records, 'batch-sharpness', from);
  return values.length === 0 ? Number.NaN : median(values);
}

function sharpnessFigure(grid: Grid<Arm, Vary>): PlotFigure {
  return {
    id: 'shallow-sharpness',
    title: 'Batch sharpness of shallow networks',
    caption: 'gᵀHg/‖g‖² of the step’s own mini-batch, training mode; thin lines are seeds, thick ones their median.',
    x: stepsAxis,
    y: { label: 'batch sharpness', unit: '', scale: 'log' },
    marks: grid.cells.map(({ point: { arm, seed, layers }, records }): LineMark => {
      const own = records.of('batch-sharpness').filter(({ value }) => value > 0);
      return {
        mark: 'line',
        arm,
        seed,
        panel: `${layers} layers`,
        x: own.map(({ step }) => step),
        y: own.map(({ value }) => value),
      };
    }),
  };
}
