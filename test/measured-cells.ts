/** @file Finished cells of measurements without a folder: made up of given records, or measured here and now. */

import { openLaboratory } from '../src/cells/laboratory.ts';
import type { FinishedCell } from '../src/records/cell-folder.ts';
import type { StepRecord } from '../src/records/record.ts';
import type { StudyPlan } from '../src/studies/study.ts';

export function finishedCell(records: readonly StepRecord[]): FinishedCell {
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

/** The cells of a plan that only measures, in its order. */
export async function measuredCells(plan: StudyPlan): Promise<readonly FinishedCell[]> {
  const cells: FinishedCell[] = [];
  for (const cell of plan.cells) {
    if (!('measurement' in cell)) continue;
    const laboratory = openLaboratory(1, () => undefined);
    try {
      cells.push(finishedCell(await cell.measurement.measure(laboratory)));
    } finally {
      await laboratory.close();
    }
  }
  return cells;
}
