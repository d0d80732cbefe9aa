/** @file The largest learning rate at which an arm trains, on a grid of rates. */

import { type Chance, trained } from '../trainable.ts';
import type { TrainingCurve } from '../training-curves.ts';

/** A training of an arm and a seed at one rate. */
export interface AtRate {
  readonly rate: number;
  readonly curve: TrainingCurve;
}

export interface Range {
  /** Not a number where it trains at none. */
  readonly largest: number;
  /** Whether it trains at the largest rate of the grid, beyond which nobody has looked. */
  readonly isCensored: boolean;
  /** Rates at which it fails although it trains at a larger one. */
  readonly holes: readonly number[];
}

export function rangeOf(trainings: readonly AtRate[], chance: Chance): Range {
  const isTrained = trained(
    trainings.map(({ curve }) => curve),
    chance,
  );
  const rates = trainings.map(({ rate }) => rate);
  const largest = Math.max(...rates.filter((_, i) => isTrained[i]));
  return {
    largest: Number.isFinite(largest) ? largest : Number.NaN,
    isCensored: largest === Math.max(...rates),
    holes: rates.filter((rate, i) => rate < largest && isTrained[i] === false),
  };
}
