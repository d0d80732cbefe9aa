/** @file Cells of sweeps that no network trained: losses and accuracies whose means are known. */

import type { SweepAxis } from '../src/sweeps/plan.ts';
import type { SweptCell } from '../src/sweeps/results.ts';
import { cellOf, recordOf } from './studies.ts';

export interface MadeUpEnd {
  /** Of each of the last 20 mini-batches; those before have 9. */
  readonly loss: number;
  readonly accuracy: number;
  readonly divergedAt?: number;
}

/** 23 steps, of which 20 count; one that diverged has no test accuracy. */
export function sweptCell(setting: SweptCell['setting'], seed: number, end: MadeUpEnd | undefined): SweptCell {
  if (end === undefined) return { setting, seed, finished: undefined };
  const { loss, accuracy, divergedAt } = end;
  const batches = Array.from({ length: 23 }, (_, step) => recordOf('loss', step, step < 3 ? 9 : loss));
  const last =
    divergedAt === undefined ? recordOf('test-accuracy', 23, accuracy) : recordOf('diverged', divergedAt, divergedAt);
  const summary = { steps: divergedAt ?? 23, divergedAt: divergedAt ?? null };
  return { setting, seed, finished: { ...cellOf([...batches, last]), summary } };
}

/** Every setting of the axes, the last axis fastest, with seeds 0, 1, … of which `endOf` says what they came to. */
export function sweptCells(
  axes: readonly SweepAxis[],
  seeds: number,
  endOf: (setting: SweptCell['setting'], seed: number) => MadeUpEnd | undefined,
): readonly SweptCell[] {
  const settings = axes.reduce<readonly SweptCell['setting'][]>(
    (list, { name, values }) => list.flatMap((setting) => values.map((value) => ({ ...setting, [name]: value }))),
    [{}],
  );
  return settings.flatMap((setting) =>
    Array.from({ length: seeds }, (_, seed) => sweptCell(setting, seed, endOf(setting, seed))),
  );
}
