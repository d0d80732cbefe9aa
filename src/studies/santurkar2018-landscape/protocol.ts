/** @file The protocol of the landscape study at each budget. Fixed before the first run; changes make another study. */

import type { Budget } from '../study.ts';
import { RUNNING_BATCHES } from '../training-curves.ts';
import { type VggProtocol, vggProtocols } from '../vgg-training.ts';

export interface LandscapeProtocol extends VggProtocol {
  /** Steps between probes. */
  readonly every: number;
  readonly learningRates: readonly number[];
  /** Seeds at the learning rates that are not judged. */
  readonly controlSeeds: number;
  /** Step sizes of the ray, in multiples of the run's own learning rate. */
  readonly multiples: readonly number[];
  /** Whether random directions are probed as well. */
  readonly randomDirection: boolean;
}

const quick: LandscapeProtocol = {
  ...vggProtocols.quick,
  every: 20,
  learningRates: [0.1],
  controlSeeds: 5,
  multiples: [0.01, 0.5, 1, 2, 4],
  randomDirection: false,
};

export const protocols: Readonly<Record<Budget, LandscapeProtocol>> = {
  quick,
  standard: { ...quick, ...vggProtocols.standard, learningRates: [0.02, 0.1, 0.2], randomDirection: true },
  paper: {
    ...quick,
    ...vggProtocols.paper,
    every: 50,
    learningRates: [0.05, 0.1, 0.2],
    controlSeeds: 6,
    randomDirection: true,
  },
};

const logMargin: number = Math.log(1.5);

/** The rule's constants (see the README beside this file for where each comes from). */
export const rule = {
  /** The paper's learning rate, at which the claim is judged; the others are the control. */
  judgedRate: 0.1,
  /** Below it is only the control: the bands and maxima are over s ≥ eta/2, the paper's range. */
  leastMultiple: 0.5,
  /** Amended: what (a) is read as, both of which are judged, and how probes are paired. */
  lossReadings: ['range', 'width'],
  pairing: 'equal steps',
  /** Of both readings of (a): the log ratio of mean ranges, and the difference of mean log widths. */
  lossMargin: 0.1,
  /** Effects of (b) and (c) are log ratios of 95th percentiles. */
  gradientMargin: logMargin as number,
  betaMargin: logMargin as number,
  /** Batches in running means of loss and accuracy. */
  runningBatches: RUNNING_BATCHES as number,
  /** The window begins when the standard arm has learnt this much beyond chance. */
  learntAccuracy: 0.1,
  leastProbes: 10,
  /** Matched probes differ in running loss by no more than this. */
  lossTolerance: 0.1,
  leastMatchedProbes: 3,
  /** Losses along a ray are cut off here. */
  lossCap: 1e3,
  /** kappa·eta/2 at s = eta/100 in this range, in both arms, counts as the edge of stability. */
  edgeOfStability: [0.8, 1.2],
  /** The small-rate control compares the judged rate with this one. */
  smallRate: 0.02,
} as const;
