/** @file How the loss behind a step compares with that before it, at each step size: what the rule reads. */

import { average } from '../../math/statistics.ts';
import type { Records } from '../../records/records.ts';
import { ratioOfSizes, type StepSizes } from '../resnet-start.ts';

/** The loss behind a step, as a multiple of that before it, at which it counts as exploded. */
export const EXPLOSION = 1e3;

/** Of one mini-batch, at each step size in their order: the loss as a multiple of that before the step. */
export type RelativeLosses = readonly { readonly multiple: number; readonly relative: number }[];

export function batchesOf(records: Records): readonly RelativeLosses[] {
  const all = records.of('loss-along-step');
  return [...new Set(all.map(({ step }) => step))].map((at) => {
    const own = all.filter(({ step }) => step === at);
    const before = own.find((record) => record.at === 0)?.value ?? Number.NaN;
    return own.flatMap(({ at: multiple = 0, value }) =>
      multiple === 0 ? [] : [{ multiple, relative: value / before }],
    );
  });
}

/** Mean over the mini-batches of a cell. */
export function averageOver(records: Records, of: (losses: RelativeLosses) => number): number {
  return average(batchesOf(records).map(of));
}

/**
 * The smallest step size behind the least loss at which the loss is larger than before the step; the largest of the grid where
 * there is none. What is not finite counts as larger than anything.
 */
export function usableStep(losses: RelativeLosses, { learningRate, largest }: StepSizes): number {
  const least = losses.reduce((best, one, i) => (one.relative < (losses[best]?.relative ?? 0) ? i : best), 0);
  const found = losses.slice(least).find(({ relative }) => !(relative <= 1));
  return found === undefined ? largest : found.multiple * learningRate;
}

/** Below this many decades, either way, the loss does not answer to a step of any size: the network says the same of every image. */
const FLAT_DECADES = 0.1;

/** Whether the loss is all but the same at every step size. */
export function isFlat(losses: RelativeLosses): boolean {
  return losses.every(({ relative }) => Math.abs(Math.log10(relative)) < FLAT_DECADES);
}

const isExplosion = ({ relative }: RelativeLosses[number]): boolean => !(relative <= EXPLOSION);

/** Whether any step size makes the loss explode. */
export function explodes(losses: RelativeLosses): boolean {
  return losses.some(isExplosion);
}

/** The smallest step size that does. Where none does, one ratio of the grid beyond the last: more than the largest, and not by how much. */
export function explodesAt(losses: RelativeLosses, step: StepSizes): number {
  const found = losses.find(isExplosion);
  return found === undefined ? step.largest * ratioOfSizes(step) : found.multiple * step.learningRate;
}
