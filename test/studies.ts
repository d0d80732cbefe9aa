/** @file Studies without the runner: their measurements on a device of their own, and decisions on made-up records. */

import { openLaboratory, type Laboratory } from '../src/cells/laboratory.ts';
import type { FinishedCell } from '../src/records/cell.ts';
import type { StepRecord } from '../src/records/record.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import type { StudyPlan } from '../src/studies/study.ts';

/** A laboratory in this thread, ready at once; to be closed by whoever opens it. */
export function threadlessLaboratory(): ReturnType<typeof openLaboratory> {
  return openLaboratory(threadlessDevice, 1, () => undefined);
}

/** What a measurement gives, in this thread. */
export async function inLaboratory<T>(measure: (laboratory: Laboratory) => Promise<T>): Promise<T> {
  const laboratory = threadlessLaboratory();
  try {
    return await measure(laboratory);
  } finally {
    await laboratory.close();
  }
}

/** A finished cell that holds these records, and nothing else. */
export function cellOf(records: readonly StepRecord[]): FinishedCell {
  return {
    hash: '',
    folder: '',
    config: {},
    probes: [],
    summary: {},
    holds: () => true,
    records: () => [...records],
    checkpoint: () => undefined,
  };
}

/** The cells of a plan that only measures, in its order, measured here and now. */
export async function measuredCells({ cells }: StudyPlan): Promise<readonly FinishedCell[]> {
  const finished: FinishedCell[] = [];
  for (const cell of cells) {
    if ('measurement' in cell) finished.push(cellOf(await inLaboratory(cell.measurement.measure)));
  }
  return finished;
}
