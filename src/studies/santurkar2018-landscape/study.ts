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
import { override } from '../overrides.ts';
import type { PlannedTraining, Study } from '../study.ts';
import { decide } from './decide.ts';
import { groupByRate } from './groups.ts';
import { type LandscapeProtocol, protocols, rule } from './protocol.ts';
import { cellSeries } from './series.ts';

const arms: readonly { readonly arm: string; readonly norm: NormName }[] = [
  { arm: 'standard', norm: 'none' },
  { arm: 'batch', norm: 'batch' },
];

const CLASSES = 10;

export const santurkar2018Landscape: Study = {
  name: 'santurkar2018/landscape',
  title: 'The loss landscape along a training step',
  paper: 'santurkar2018',
  where: 'Figure 4',
  claim:
    'Batch normalisation makes the loss change less, and its gradient more predictable, along the direction of a training step.',
  tags: ['landscape', 'smoothness', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  rule,
  plan: ({ budget, seeds, set = {} }) => {
    const chosen: LandscapeProtocol = { ...protocols[budget], ...(seeds !== undefined && { seeds }) };
    const protocol = override(chosen, set);
    checkProtocol(protocol);
    const planned = plannedCells(protocol);
    return {
      protocol,
      cells: planned,
      decide: (finished) => {
        const cells = finished.flatMap((cell, i) => {
          const { arm, training } = planned[i] ?? {};
          if (arm === undefined || training === undefined) return [];
          return [{ arm, rate: training.learningRate, seed: training.seed, series: cellSeries(cell.records()) }];
        });
        return decide(groupByRate(cells, protocol.learningRates, CLASSES), protocol);
      },
    };
  },
};

/** Seed by seed, so that a run that is stopped early has whole seeds to show. */
function plannedCells(protocol: LandscapeProtocol): readonly PlannedTraining[] {
  const seeds = Array.from({ length: protocol.seeds }, (_, i) => i);
  const networks = arms.map(({ arm, norm }) => ({ arm, problem: network(protocol, norm) }));
  return seeds.flatMap((seed) =>
    protocol.learningRates.flatMap((rate) =>
      networks.map(({ arm, problem }) => plannedCell(protocol, arm, problem, rate, seed)),
    ),
  );
}

function network({ model, dataset, width, initialiser }: LandscapeProtocol, norm: NormName): Problem {
  return classifier(modelName(model), {
    input: datasets[dataset as DatasetName].shape,
    classes: CLASSES,
    norm,
    width,
    initialiser: initialiser as InitialiserName,
  });
}

function plannedCell(
  protocol: LandscapeProtocol,
  arm: string,
  problem: Problem,
  learningRate: number,
  seed: number,
): PlannedTraining {
  const { batchSize, steps, augment, weightDecay, every, multiples, randomDirection } = protocol;
  return {
    arm,
    problem,
    training: {
      dataset: protocol.dataset,
      batchSize,
      steps,
      seed,
      augment,
      optimiser: sgd({ weightDecay }),
      learningRate,
      schedule: { kind: 'constant' },
      evaluateEvery: 0,
    },
    probes: [heldProbe('landscape', { every, multiples, random: randomDirection, seed })],
  };
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
