/** @file The protocol of the definition lab at each budget. Fixed before the first run; changes make another study. */

import type { HeldProbe } from '../../records/cell.ts';
import { heldProbe } from '../../probes/index.ts';
import type { RayBatch, Statistics } from '../../probes/ray.ts';
import { protocols as landscapeProtocols, rule as landscapeRule } from '../santurkar2018-landscape/protocol.ts';
import { shiftRule } from '../santurkar2018-shift/result.ts';
import type { Budget } from '../study.ts';
import { layersFor, type VggProtocol } from '../vgg-training.ts';

export interface DefinitionsProtocol extends VggProtocol {
  /** Steps between probes. */
  readonly every: number;
  /** Of SGD: the rates that the envelope is over, that of the trajectory among them. */
  readonly learningRates: readonly number[];
  /** Seeds at the rates beside that of the trajectory. */
  readonly envelopeSeeds: number;
  /** Adam's learning rate. */
  readonly adamRate: number;
  /** Step sizes along the gradient, in multiples of SGD's rate; of a network that Adam trains they are as long. */
  readonly multiples: readonly number[];
  /** Those of a public copy that the others lack, and its smallest: 7 from 1/2 to 5/2 in all. */
  readonly denseMultiples: readonly number[];
  /** Whether random directions are probed as well, as `santurkar2018/landscape` does. */
  readonly randomDirection: boolean;
  /** Hidden layers whose shift is measured; the first of them is the one layer where there is one. */
  readonly layers: readonly number[];
}

export const protocolAt = (budget: Budget): DefinitionsProtocol => {
  const { controlSeeds, learningRates: _, ...landscape } = landscapeProtocols[budget === 'quick' ? 'standard' : budget];
  return {
    ...landscape,
    seeds: 6,
    learningRates: [0.02, 0.1, 0.2],
    envelopeSeeds: controlSeeds,
    adamRate: 1e-3,
    denseMultiples: [5 / 6, 7 / 6, 3 / 2, 11 / 6, 13 / 6, 5 / 2],
    layers: layersFor(budget, { vgg11: [4, 7], vgg16: [5, 10] }),
  };
};

/** The rule's constants. */
export const rule = {
  /** SGD's rate, at which the other studies judge. */
  judgedRate: landscapeRule.judgedRate as number,
  /** Margins of what other studies judge; of all other definitions it is 0. */
  lossMargin: landscapeRule.lossMargin as number,
  gradientMargin: landscapeRule.gradientMargin as number,
  betaMargin: landscapeRule.betaMargin as number,
  /** A shift is less where that study finds it clearly less: its margins, with the sign turned. */
  shiftLengthMargin: -shiftRule.lengthMargin as number,
  shiftCosineMargin: -shiftRule.cosineMargin as number,
  /** Windows, matched loss and what is not finite: as there. */
  window: 'santurkar2018/landscape',
  /** Bands and maxima are over s of this multiple of SGD's rate and more. */
  leastMultiple: landscapeRule.leastMultiple as number,
  /** Weight decay at the paper's width; at a share of it the weights have that share of their square, and it is so much larger. */
  weightDecay: 4e-4,
  shareOfFinal: 0.95,
  /** Every definition of a family that could be computed in every seed must give the same word. */
  part: 'all definitions of a family agree',
} as const;

export type Arm = 'standard' | 'batch';
export type Optimiser = 'sgd' | 'adam';

/** How often a step size is longer in units of a run's own rate than in those of SGD's. */
export function scaleOf(optimiser: Optimiser, { adamRate }: Pick<DefinitionsProtocol, 'adamRate'>): number {
  return optimiser === 'sgd' ? 1 : rule.judgedRate / adamRate;
}

/** How the loss is read beside the way in which the step reads it: of a network without norms two of them are all. */
const readings: Readonly<Record<Arm, readonly (readonly [Statistics, RayBatch])[]>> = {
  standard: [['batch', 'fresh']],
  batch: [
    ['batch', 'fresh'],
    ['running', 'same'],
    ['frozen', 'same'],
    ['recomputed', 'same'],
  ],
};

/** What is measured in one training. That of other rates than the judged one serves the envelope alone. */
export function probesOf(
  protocol: DefinitionsProtocol,
  { arm, optimiser, rate, seed }: { arm: Arm; optimiser: Optimiser; rate: number; seed: number },
): readonly HeldProbe[] {
  const { every, layers, multiples, denseMultiples, randomDirection: random } = protocol;
  const oneLayer = layers.slice(0, 1);
  const successive = heldProbe('successive-gradients', { every, layers: oneLayer });
  const isSgd = optimiser === 'sgd';
  if (isSgd && rate !== rule.judgedRate) return [successive];
  const scaled = multiples.map((multiple) => multiple * scaleOf(optimiser, protocol));
  const range = scaled.filter((_, i) => (multiples[i] ?? 0) >= rule.leastMultiple);
  return [
    successive,
    // Of SGD the same as in the landscape study, so that it is measured once; what has other step sizes is told by them.
    ...(isSgd
      ? [
          heldProbe('landscape', { every, multiples, random, seed }),
          heldProbe('landscape', { every, multiples: denseMultiples, decay: true, seed }),
        ]
      : [heldProbe('landscape', { every, multiples: scaled, decay: true, seed })]),
    ...readings[arm]
      .filter(([statistics]) => isSgd || statistics !== 'recomputed')
      .map(([statistics, batch]) => heldProbe('landscape', { every, multiples: range, seed, statistics, batch })),
    heldProbe('activation-landscape', { every, multiples: range, layers: oneLayer }),
    heldProbe('covariate-shift', { every, layers }),
    heldProbe('covariate-shift', { every, layers, batch: 'fresh' }),
    ...(arm === 'batch' ? [heldProbe('covariate-shift', { every, layers, statistics: 'running' })] : []),
  ];
}
