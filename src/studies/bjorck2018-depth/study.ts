/** @file Bjorck et al. 2018, in the text: does the largest usable learning rate fall with depth without norms, and not with them? */

import { layersOf } from '../model-depth.ts';
import { ceilingJob } from '../../cells/ceiling.ts';
import type { Interval } from '../../math/statistics.ts';
import type { InitialiserName } from '../../nn/initialisers.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import type { DotMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { gridStudy } from '../grid-study.ts';
import { formatInterval3, valuesText } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import { checkTrained } from '../protocol-checks.ts';
import { slopeOver, type StartArm, startArms } from '../resnet-start.ts';
import { sharedClassifier } from '../shared-problem.ts';
import type { Budget, Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';

interface Protocol extends JsonObject {
  readonly dataset: string;
  /** From the shallowest on; each name ends in its number of layers. */
  readonly models: readonly string[];
  readonly width: number;
  readonly initialiser: string;
  readonly batchSize: number;
  /** Of one trial. */
  readonly steps: number;
  readonly seeds: number;
  readonly firstSeed: number;
  /** Of the search for a largest rate. */
  readonly from: number;
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
}

type Vary = { readonly model: readonly string[] };

const standard: Protocol = {
  dataset: 'cifar10',
  models: ['resnet20', 'resnet32', 'resnet44', 'resnet56'],
  width: 0.5,
  initialiser: 'glorot',
  batchSize: 32,
  steps: 30,
  seeds: 10,
  firstSeed: 100,
  from: 0.01,
  ratio: 1.3,
  least: 1e-8,
  most: 1e4,
};

const protocols: Readonly<Record<Budget, Protocol>> = {
  quick: { ...standard, seeds: 6 },
  standard,
  paper: { ...standard, models: [...standard.models, 'resnet110'], width: 1, batchSize: 128, steps: 100 },
};

const rule = {
  fallMargin: 0,
  /** Batch norm's slope must be less than this share of the other. */
  batchShare: 1 / 3,
} as const;

export const bjorck2018Depth: Study = gridStudy<Protocol, StartArm, Vary>({
  name: 'bjorck2018/depth',
  title: 'The largest learning rate against depth',
  paper: 'bjorck2018',
  where: 'in the text',
  claim:
    'Without norms the largest learning rate that a residual network can be trained at falls with its depth, and with batch normalisation hardly.',
  tags: ['learning-rate', 'ceiling', 'cifar10', 'resnet'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch'],
  protocol: (budget) => protocols[budget],
  check: checkTrained,
  vary: ({ models }) => ({ model: models }),
  job: (protocol, [{ arm, model, seed }]) => {
    const { dataset, width, initialiser, batchSize, steps, from, ratio, least, most } = protocol;
    return ceilingJob({
      arm,
      place: { model },
      problem: sharedClassifier(model, dataset, {
        norm: startArms[arm],
        width,
        initialiser: initialiser as InitialiserName,
      }),
      training: {
        dataset,
        batchSize,
        steps,
        seed,
        augment: false,
        optimiser: sgd(),
        schedule: { kind: 'constant' },
      },
      rates: { from, ratio, least, most },
    });
  },
  decide: (grid, { models }) => {
    const slopes = (arm: StartArm) =>
      grid.seeds.map((seed) => ({ seed, value: slopeOf(grid.where({ arm, seed }), models) }));
    const [without, withNorm] = [slopes('standard'), slopes('batch')];
    const batch = new Map(withNorm.map(({ seed, value }) => [seed, value]));
    const ceilings = (arm: StartArm): string =>
      models
        .map((model) => {
          const all = grid.where({ arm, model }).bySeed((records) => records.value('ceiling'));
          return `${model} ${valuesText(all)}`;
        })
        .join('; ');
    const about = 'least-squares slope of ln(largest rate) against ln(layers)';
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: 'Without norms the largest learning rate falls with depth.',
          effect: `minus the ${about}, without norms`,
          margin: rule.fallMargin,
          rule: 'above',
          remarks: [
            `Largest rates per seed: ${ceilings('standard')}.`,
            'Paper: shallower networks allow larger rates, without a number.',
          ],
        },
        without.map(({ seed, value }) => ({ seed, value: -value })),
      ),
      intervalPart(
        {
          name: 'b',
          claim: 'With batch normalisation it changes less than a third as fast.',
          effect: `a third of the magnitude of the ${about} without norms, less that with batch norm`,
          margin: 0,
          rule: 'above',
          remarks: [`Largest rates per seed: ${ceilings('batch')}.`],
        },
        without.map(({ seed, value }) => ({
          seed,
          value: rule.batchShare * Math.abs(value) - Math.abs(batch.get(seed) ?? Number.NaN),
        })),
      ),
    ];
    const interval = parts[0]?.pairings[0]?.interval;
    return resultOf(parts, {
      outcome:
        interval === undefined
          ? 'a largest rate lies beyond the rates that are tried'
          : `without norms the largest rate goes like depth to the power ${formatInterval3(negated(interval))}`,
      notes: [
        'A rate counts where no loss of a short training explodes and its last losses are no larger than those of the untrained network.',
      ],
      figures: [ceilingFigure(grid), ...effectsFigure(parts, { id: 'depth-effects', title: 'Effects per seed' })],
    });
  },
});

function negated({ mean, lower, upper, count }: Interval): Interval {
  return { mean: -mean, lower: -upper, upper: -lower, count };
}

function slopeOf(grid: Grid<StartArm, Vary>, models: readonly string[]): number {
  const logs = models.map((model) => Math.log(grid.cell({ model }).records.value('ceiling')));
  return slopeOver(
    models.map((model) => Math.log(layersOf(model))),
    logs,
  );
}

function ceilingFigure(grid: Grid<StartArm, Vary>): PlotFigure {
  return {
    id: 'depth-ceilings',
    title: 'The largest learning rate against depth',
    caption: 'A dot per seed: between a rate that holds and one that fails, found by bisection.',
    x: { label: 'layers', unit: '', scale: 'log' },
    y: { label: 'largest learning rate', unit: '', scale: 'log' },
    marks: grid.cells.flatMap(({ point: { arm, seed, model }, records }): DotMark[] => {
      const ceiling = records.value('ceiling');
      return Number.isFinite(ceiling) ? [{ mark: 'dot', arm, seed, x: [layersOf(model)], y: [ceiling] }] : [];
    }),
  };
}
