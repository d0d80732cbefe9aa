/** @file When a training counts as lost. */

import type { StepRecord } from '../records/record.ts';

/**
 * Above so many times its first mini-batch loss, or so many where that is less than 1, a run counts as diverged: a point
 * from which networks never recovered (bjorck2018, whose losses begin at about 2; those of deep networks without norms
 * may begin above it).
 */
const DIVERGENCE_FACTOR = 1e3;

/** Whether a loss has left the region from which training goes on. @param first - of the first mini-batch */
export function hasDiverged(loss: number, first: number): boolean {
  return !Number.isFinite(loss) || loss > DIVERGENCE_FACTOR * Math.max(1, first);
}

const DIVERGED =
  'the step whose mini-batch loss was not finite or above 1000 × max(1, loss of the first step), which ended the training';

/** What is recorded of a training that ends so, whose value is the step. */
export function divergedRecord(step: number): StepRecord {
  return { step, quantity: 'diverged', value: step, definition: DIVERGED, mode: 'train' };
}
