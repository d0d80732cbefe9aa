/** @file Santurkar et al. 2018, Figure 4: does batch norm smooth the loss along the direction of a training step? */

import type { DatasetName } from '../../data/dataset.ts';
import { datasets } from '../../data/datasets.ts';
import { SettingError } from '../../errors.ts';
import { modelName } from '../../models/index.ts';
import type { InitialiserName } from '../../nn/initialisers.ts';
import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import { classifier } from '../../problems/classifier.ts';
import type { Problem } from '../../problems/problem.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import type { Study } from '../study.ts';
import { trainedStudy } from '../trained-study.ts';
import { decide } from './decide.ts';
import { groupByRate } from './groups.ts';
import { type LandscapeProtocol, protocols, rule } from './protocol.ts';
import { cellSeries } from './series.ts';

/** By what each arm is normalised. */
const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;

const CLASSES = 10;

export const santurkar2018Landscape: Study = trainedStudy({
  name: 'santurkar2018/landscape',
  title: 'The loss landscape along a training step',
  paper: 'santurkar2018',
  where: 'Figure 4',
  claim:
    'Batch normalisation makes the loss change less, and its gradient more predictable, along the direction of a training step.',
  tags: ['landscape', 'smoothness', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  rule,
  arms: ['standard', 'batch'],
  protocol: (budget) => protocols[budget],
  check: checkProtocol,
  vary: ({ learningRates }) => ({ rate: learningRates }),
  train: (protocol, { arm, rate, seed }) => ({
    problem: network(protocol, arms[arm]),
    training: {
      dataset: protocol.dataset,
      batchSize: protocol.batchSize,
      steps: protocol.steps,
      seed,
      augment: protocol.augment,
      optimiser: sgd({ weightDecay: protocol.weightDecay }),
      learningRate: rate,
      schedule: { kind: 'constant' },
      evaluateEvery: 0,
    },
    probes: [
      heldProbe('landscape', {
        every: protocol.every,
        multiples: protocol.multiples,
        random: protocol.randomDirection,
        seed,
      }),
    ],
  }),
  decide: ({ cells }, protocol) =>
    decide(
      groupByRate(
        cells.map(({ point, records }) => ({ ...point, series: cellSeries(records.all) })),
        protocol.learningRates,
        CLASSES,
      ),
      protocol,
    ),
});

function network({ model, dataset, width, initialiser }: LandscapeProtocol, norm: NormName): Problem {
  return classifier(modelName(model), {
    input: datasets[dataset as DatasetName].shape,
    classes: CLASSES,
    norm,
    width,
    initialiser: initialiser as InitialiserName,
  });
}

function checkProtocol({ seeds, dataset, multiples, learningRates }: LandscapeProtocol): void {
  if (!Number.isInteger(seeds) || seeds < 3) {
    throw new SettingError(`An interval needs at least 3 seeds, got ${seeds}; use --seeds 3 or more`);
  }
  if (!Object.hasOwn(datasets, dataset))
    throw new SettingError(`The study runs on ${Object.keys(datasets).join(', ')}, got ${dataset}`);
  if (new Set(learningRates).size < learningRates.length) {
    throw new SettingError(`Learning rates must differ, got [${learningRates.join(', ')}]`);
  }
  for (const needed of [0.01, 1]) {
    if (!multiples.includes(needed)) {
      throw new SettingError(`The control needs step size ${needed} × learning rate, got [${multiples.join(', ')}]`);
    }
  }
}
