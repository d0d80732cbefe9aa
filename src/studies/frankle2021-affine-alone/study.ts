/** @file Frankle et al. 2021: how far do gamma and beta alone come, and does that grow with depth? */

import { layersOf } from '../model-depth.ts';
import { average } from '../../math/statistics.ts';
import type { DatasetName } from '../../data/dataset.ts';
import { datasets } from '../../data/datasets.ts';
import { SettingError } from '../../errors.ts';
import { rankCorrelation } from '../../math/rank-correlation.ts';
import type { InitialiserName } from '../../nn/initialisers.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { heldProbe } from '../../probes/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { Records } from '../../records/records.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import type { DotMark, PlotFigure } from '../figure.ts';
import type { BySeed, Grid } from '../grid.ts';
import { format3, formatInterval3, valuesText } from '../number-text.ts';
import { intervalPart, pairingsPart, resultOf } from '../parts.ts';
import { checkTrained } from '../protocol-checks.ts';
import { LEARNT_ACCURACY } from '../santurkar2018-faster/speed.ts';
import { sharedClassifier } from '../shared-problem.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf } from '../training-curves.ts';

interface Protocol extends JsonObject {
  readonly dataset: string;
  /** From the shallowest on; each name ends in its number of layers. */
  readonly models: readonly string[];
  /** Of those, the ones whose random weights are trained for comparison. */
  readonly compared: readonly string[];
  readonly width: number;
  readonly initialiser: string;
  /** Whether gamma starts uniform in [0, 1), as in the paper, and not at 1. */
  readonly drawnGamma: boolean;
  readonly batchSize: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Fractions of the steps at which the rate falls to a tenth. */
  readonly dropAt: readonly number[];
  readonly momentum: number;
  readonly weightDecay: number;
  readonly augment: boolean;
  /** A gamma of a smaller magnitude counts as switched off. */
  readonly gammaLimit: number;
  readonly seeds: number;
  readonly firstSeed: number;
}

type Vary = { readonly model: readonly string[] };
type Arm = 'affine' | 'random';

const rule = {
  /** Of test accuracy. */
  gainMargin: 0,
  /** Of Spearman's rank correlation of a seed. */
  risingMargin: 0.8,
  learntAccuracy: LEARNT_ACCURACY,
} as const;

/** Images, widths and steps that a laptop has time for; all else is as published. */
const standard: Protocol = {
  dataset: 'cifar10-16',
  models: ['resnet20', 'resnet32', 'resnet44', 'resnet56'],
  compared: ['resnet20', 'resnet56'],
  width: 0.5,
  initialiser: 'he',
  drawnGamma: true,
  batchSize: 64,
  steps: 300,
  learningRate: 0.1,
  dropAt: [0.5, 0.75],
  momentum: 0.9,
  weightDecay: 1e-4,
  augment: false,
  gammaLimit: 0.01,
  seeds: 10,
  firstSeed: 100,
};

/** 160 epochs. The paper goes on to 866 layers. */
const published: Protocol = {
  ...standard,
  dataset: 'cifar10',
  models: [...standard.models, 'resnet110'],
  compared: [...standard.models, 'resnet110'],
  width: 1,
  batchSize: 128,
  steps: 62_400,
  augment: true,
};

const protocols: Readonly<Record<Budget, Protocol>> = {
  quick: { ...standard, seeds: 6 },
  standard,
  paper: published,
};

export const frankle2021AffineAlone: Study = trainedStudy<Protocol, Arm, Vary>({
  name: 'frankle2021/affine-alone',
  title: 'Training gamma and beta alone',
  paper: 'frankle2021',
  where: 'section 4',
  claim:
    'Training gamma and beta of batch normalisation alone makes a network of random weights more accurate than training as many of those weights, and the more accurate the deeper it is.',
  tags: ['affine', 'depth', 'cifar10', 'resnet'],
  dataset: 'cifar10-16',
  leastBudget: 'standard',
  rule,
  arms: ['affine', 'random'],
  protocol: (budget) => protocols[budget],
  check: checkProtocol,
  vary: ({ models }) => ({ model: models }),
  isMade: ({ compared }, { arm, model }) => arm === 'affine' || compared.includes(model),
  train: (protocol, { arm, model, seed }) => {
    const { dataset, width, initialiser, drawnGamma, batchSize, steps, learningRate, dropAt } = protocol;
    const { momentum, weightDecay, augment, gammaLimit } = protocol;
    return {
      problem: sharedClassifier(model, dataset, {
        norm: 'batch',
        width,
        initialiser: initialiser as InitialiserName,
        ...(drawnGamma && { normSettings: { ...defaultNormSettings, drawnGamma } }),
      }),
      training: {
        dataset,
        batchSize,
        steps,
        seed,
        augment,
        optimiser: { ...sgd({ momentum, weightDecay }), trained: arm },
        learningRate,
        schedule: { kind: 'step', at: dropAt, factor: 0.1 },
        evaluateEvery: steps,
      },
      // At the start, and before the last step.
      probes: arm === 'affine' ? [heldProbe('small-parameters', { every: steps - 1, limit: gammaLimit })] : [],
    };
  },
  decide: (grid, { dataset, models, compared, gammaLimit }) => {
    const chance = 1 / datasets[dataset as DatasetName].classes;
    const accuracies = (arm: Arm, model: string): BySeed =>
      grid.where({ arm, model }).bySeed((records) => accuracyOf(records, arm, chance));
    const text = (arm: Arm, names: readonly string[]): string =>
      names.map((model) => `${model} ${valuesText(accuracies(arm, model))}`).join('; ');
    const parts = [
      pairingsPart(
        {
          name: 'a',
          claim: 'Gamma and beta alone are worth more test accuracy than as many random weights.',
          effect:
            'difference (gamma and beta alone − two weights per channel of each normalised layer, drawn by the seed) of the test accuracy ' +
            'after the last step; all else stays as it started',
          margin: rule.gainMargin,
          rule: 'above',
          remarks: [
            `Test accuracy per seed: affine alone ${text('affine', compared)}; random weights ${text('random', compared)}.`,
            'Paper: “far higher than when training an equivalent number of randomly chosen parameters elsewhere in the network”.',
          ],
        },
        compared.map((model) => ({
          name: model,
          effects: grid
            .where({ model })
            .seeds.map((seed) => ({ seed, value: difference(grid.where({ model, seed }), chance) })),
        })),
      ),
      intervalPart(
        {
          name: 'b',
          claim: 'The accuracy of gamma and beta alone increases with depth.',
          effect: 'Spearman’s rank correlation of the test accuracy with the number of layers, per seed',
          margin: rule.risingMargin,
          rule: 'above',
          remarks: [
            `Test accuracy per seed: ${text('affine', models)}.`,
            'Paper: up to 82 % on CIFAR-10 in the deepest network of 866 layers.',
          ],
        },
        grid.seeds.map((seed) => ({
          seed,
          value: risingOf(
            models.map((model) => ({
              layers: layersOf(model),
              accuracy: accuracyOf(grid.cell({ arm: 'affine', model, seed }).records, 'affine', chance),
            })),
          ),
        })),
      ),
    ];
    const gains = (parts[0]?.pairings ?? []).flatMap(({ name, interval }) =>
      interval === undefined ? [] : [`${formatInterval3(interval)} with ${name}`],
    );
    const rising = parts[1]?.pairings[0]?.interval;
    return resultOf(parts, {
      outcome:
        gains.length === 0 || rising === undefined
          ? `gamma and beta alone learn less than ${100 * LEARNT_ACCURACY} points beyond chance in some training`
          : `gamma and beta alone are more accurate by ${gains.join(', ')}; rank correlation with depth ${formatInterval3(rising)}`,
      notes: [
        ...models.map(
          (model) =>
            `Share of gammas below ${gammaLimit} in magnitude, mean over the layers of ${model}, at the start and at the end, per seed: ` +
            `${sharesText(grid.where({ arm: 'affine', model }))}.`,
        ),
        'Paper: about a third of the gammas come to be near 0, in the deepest networks. Not judged.',
        'Shortcuts have no weights here, and the last layer stays as it started in both arms.',
      ],
      figures: [
        depthFigure(grid, chance),
        accuracyFigure(
          grid.cells.map(({ point, records }) => ({ ...point, panel: point.model, curve: curveOf(records) })),
          {
            id: 'affine-alone-curves',
            title: 'Training accuracy',
            caption: 'The same random weights to begin with, the same batches.',
          },
        ),
        ...effectsFigure(parts, { id: 'affine-alone-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

/**
 * On the test set after the last step. Gamma and beta must have learnt something: where they have not, no comparison is one of what
 * they can express. Random weights may fail, and are then worth a guess.
 */
function accuracyOf(records: Records, arm: Arm, chance: number): number {
  const { divergedAt, finalAccuracy, testAccuracy } = curveOf(records);
  if (arm === 'random') return divergedAt === undefined ? testAccuracy : chance;
  return divergedAt === undefined && finalAccuracy > chance + LEARNT_ACCURACY ? testAccuracy : Number.NaN;
}

function difference(grid: Grid<Arm, Vary>, chance: number): number {
  const of = (arm: Arm): number => accuracyOf(grid.cell({ arm }).records, arm, chance);
  return of('affine') - of('random');
}

/** Spearman's ρ; 0 where all are equally accurate, not a number where one is not judged. */
function risingOf(cells: readonly { readonly layers: number; readonly accuracy: number }[]): number {
  const accuracies = cells.map(({ accuracy }) => accuracy);
  if (!accuracies.every(Number.isFinite)) return Number.NaN;
  if (new Set(accuracies).size === 1) return 0;
  const layers = cells.map((cell) => cell.layers);
  // Without the last bits of a quotient, which would lift 0.8 above itself.
  return Number(rankCorrelation(layers, accuracies).toFixed(12));
}

/** "0.01 → 0.2, 0.02 → 0.3" */
function sharesText(grid: Grid<Arm, Vary>): string {
  return grid.cells
    .map(({ records }) => {
      const found = records.of('small-parameter-share').filter(({ layer }) => layer?.endsWith('/gamma') === true);
      const last = Math.max(...found.map(({ step }) => step));
      const at = (wanted: number): string =>
        format3(average(found.flatMap(({ step, value }) => (step === wanted ? [value] : []))));
      return `${at(0)} → ${at(last)}`;
    })
    .join(', ');
}

function depthFigure(grid: Grid<Arm, Vary>, chance: number): PlotFigure {
  return {
    id: 'affine-alone-depth',
    title: 'Test accuracy against depth',
    caption: 'A dot per seed, after the last step; all parameters that are not named stay as they started.',
    x: { label: 'layers', unit: '', scale: 'linear' },
    y: { label: 'test accuracy', unit: '', scale: 'linear' },
    marks: [
      { mark: 'rule', kind: 'theory', label: 'chance', axis: 'y', value: chance },
      ...grid.cells.flatMap(({ point: { arm, seed, model }, records }): DotMark[] => {
        const accuracy = curveOf(records).testAccuracy;
        return Number.isFinite(accuracy) ? [{ mark: 'dot', arm, seed, x: [layersOf(model)], y: [accuracy] }] : [];
      }),
    ],
  };
}

function checkProtocol(protocol: Protocol): void {
  checkTrained(protocol);
  const { models, compared, steps } = protocol;
  const layers = models.map(layersOf);
  if (layers.length < 3 || layers.some((count, i) => !(count > (layers[i - 1] ?? 0)))) {
    throw new SettingError(`Three or more models must follow from shallow to deep, got [${models.join(', ')}]`);
  }
  const stranger = compared.find((model) => !models.includes(model));
  if (stranger !== undefined || compared.length === 0) {
    throw new SettingError(`What is compared must be among the models, got [${compared.join(', ')}]`);
  }
  if (steps < 2) throw new SettingError(`A training must have a first step and a last, got ${steps} steps`);
}
