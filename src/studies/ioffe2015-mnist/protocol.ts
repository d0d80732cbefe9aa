/** @file The protocol of the MNIST experiment at each budget. Fixed before the first run; changes make another study. */

import type { JsonObject } from '../../records/canonical-json.ts';
import type { Budget } from '../study.ts';

export interface MnistProtocol extends JsonObject {
  readonly dataset: string;
  readonly model: string;
  readonly width: number;
  readonly activation: string;
  readonly initialiser: string;
  readonly batchSize: number;
  readonly steps: number;
  /** Steps between evaluations on the test set. */
  readonly evaluateEvery: number;
  /** Both are run, since the paper gives none. */
  readonly learningRates: readonly number[];
  readonly seeds: number;
  readonly firstSeed: number;
  /** Steps between looks at the distributions of units. */
  readonly every: number;
  /** Units of the last hidden layer whose percentiles are judged. */
  readonly units: number;
}

const quick: MnistProtocol = {
  dataset: 'mnist-binary',
  model: 'mlp',
  width: 1,
  activation: 'sigmoid',
  initialiser: 'small-gaussian',
  batchSize: 60,
  steps: 5000,
  evaluateEvery: 100,
  learningRates: [0.1, 1],
  seeds: 6,
  firstSeed: 100,
  every: 10,
  units: 6,
};

/** ioffe2015, section 4.1: 50,000 steps of 60 images, three hidden layers of 100 sigmoids. */
export const protocols: Readonly<Record<Budget, MnistProtocol>> = {
  quick,
  standard: { ...quick, seeds: 10, steps: 15_000 },
  paper: { ...quick, seeds: 10, steps: 50_000 },
};

export const rule = {
  /** Test accuracies, averaged over the run. */
  areaMargin: 0,
  /** ln 2: half of the steps to an accuracy. */
  speedMargin: Math.log(2) as number,
  accuracy: 0.95,
  stabilityMargin: 0,
  percentiles: [15, 50, 85],
  /** Left out of the stability: this share of the steps. */
  warmUp: 0.01,
  /** Measurements at the end whose mean range is the unit of the stability. */
  finalMeasurements: 10,
  /** The rate of each arm at which it is best, fixed on seeds 0 to 2 before any seed that is judged was run. */
  bestRates: { standard: 1, batch: 1 },
} as const;
