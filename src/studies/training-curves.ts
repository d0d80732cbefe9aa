/** @file How a training went, from the records of its cell: loss and accuracy of each batch, running means, and its end. */

import { average } from '../math/statistics.ts';
import type { Records } from '../records/records.ts';

/** Batches in running means of loss and accuracy. */
export const RUNNING_BATCHES = 20;

export interface TrainingCurve {
  /** Of the batch of each step, before the update. */
  readonly loss: readonly number[];
  readonly accuracy: readonly number[];
  /** Means over the last 20 batches, this one included; of fewer at the start. */
  readonly runningLoss: readonly number[];
  readonly runningAccuracy: readonly number[];
  /** Running accuracy at the last step that was taken. */
  readonly finalAccuracy: number;
  /** On the whole test set after the last step; not a number where it was not evaluated. */
  readonly testAccuracy: number;
  /** Set where it ended before its last step. */
  readonly divergedAt: number | undefined;
}

export function curveOf(records: Records): TrainingCurve {
  const loss = bySteps(records, 'loss');
  const accuracy = bySteps(records, 'accuracy');
  const runningAccuracy = runningMean(accuracy);
  return {
    loss,
    accuracy,
    runningLoss: runningMean(loss),
    runningAccuracy,
    finalAccuracy: runningAccuracy.at(-1) ?? Number.NaN,
    testAccuracy: records.values('test-accuracy').at(-1) ?? Number.NaN,
    divergedAt: records.values('diverged')[0],
  };
}

/** Values of a quantity at its measurements from a step on. */
export function valuesFrom(records: Records, quantity: string, from: number): readonly number[] {
  return records.of(quantity).flatMap(({ step, value }) => (step >= from ? [value] : []));
}

/** Values of a quantity that every step has, by step. */
function bySteps(records: Records, quantity: string): readonly number[] {
  const values: number[] = [];
  for (const { step, value } of records.of(quantity)) values[step] = value;
  return values;
}

/** Mean of the last 20 values up to each place; of fewer at the start. */
export function runningMean(values: readonly number[]): readonly number[] {
  return values.map((_, i) => {
    const recent = values.slice(Math.max(0, i + 1 - RUNNING_BATCHES), i + 1);
    return average(recent);
  });
}

/** The first step, counted from the first full mean, at which a running accuracy is at least so high. */
function maybeStepAt(accuracy: number, { runningAccuracy }: TrainingCurve): number | undefined {
  const found = runningAccuracy.findIndex((value, step) => step >= RUNNING_BATCHES - 1 && value >= accuracy);
  return found === -1 ? undefined : found;
}

/** The step of {@link maybeStepAt}; the number of steps that were asked for where there is none (censored). */
export function stepsTo(accuracy: number, curve: TrainingCurve, steps: number): number {
  return maybeStepAt(accuracy, curve) ?? steps;
}

/** The first step with that share of the final running accuracy; not a number where the training came to none. */
export function stepAtShare(shareOfFinal: number, curve: TrainingCurve): number {
  return maybeStepAt(shareOfFinal * curve.finalAccuracy, curve) ?? Number.NaN;
}
