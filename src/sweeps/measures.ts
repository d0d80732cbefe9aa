/** @file What figures of a sweep show of a setting: its final loss or its test accuracy, and which of two is better. */

import type { Axis } from '../studies/figure.ts';
import { RUNNING_BATCHES } from '../studies/training-curves.ts';
import type { SeedMean, SettingResult } from './results.ts';

export const LOSS_DEFINITION: string = `mean cross-entropy of the last ${RUNNING_BATCHES} mini-batches, each before its update`;

export interface Measure {
  /** In the ids of figures. */
  readonly id: 'loss' | 'accuracy';
  readonly axis: Axis;
  readonly definition: string;
  /** "lowest loss". */
  readonly best: string;
  readonly of: (result: SettingResult) => SeedMean | undefined;
  /** The larger, the better; NaN where it has none. */
  readonly score: (result: SettingResult) => number;
  /** Between what ends it can lie: as far as those an interval is drawn. */
  readonly range: readonly [number, number];
  /** What is drawn where most trainings diverged: an arrow at the worse edge. */
  readonly lost: { readonly value: number; readonly edge: 'upper' | 'lower' };
}

export const measures: readonly Measure[] = [
  {
    id: 'loss',
    axis: { label: 'final training loss', unit: 'nats', scale: 'log' },
    definition: `Final training loss: ${LOSS_DEFINITION}.`,
    best: 'lowest loss',
    of: ({ loss }) => loss,
    score: ({ loss }) => -(loss?.mean ?? Number.NaN),
    range: [0, Number.POSITIVE_INFINITY],
    lost: { value: Number.POSITIVE_INFINITY, edge: 'upper' },
  },
  {
    id: 'accuracy',
    axis: { label: 'test accuracy', unit: '', scale: 'linear' },
    definition: 'Fraction of the whole test set classified correctly after the last step.',
    best: 'highest accuracy',
    of: ({ accuracy }) => accuracy,
    score: ({ accuracy }) => accuracy?.mean ?? Number.NaN,
    range: [0, 1],
    lost: { value: Number.NEGATIVE_INFINITY, edge: 'lower' },
  },
];

/** Whether half of the seeds that finished or more diverged: a mean of the others says little of the setting. */
export function isLost({ finished, diverged }: SettingResult): boolean {
  return diverged > 0 && 2 * diverged >= finished;
}
