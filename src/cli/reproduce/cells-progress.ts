/** @file How far cells are, in a line: what time is left, how many are there, and which has just moved. */

import { cellText } from '../../cells/job.ts';
import type { CellsProgress } from '../../cells/node/run-cells.ts';
import { counted } from '../../counted.ts';
import { type ProgressLine, TimeLeft } from '../progress.ts';

/** Whose cells they are, where others come before or after, whose time is not counted. */
export interface OneOfMany {
  readonly name: string;
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/** Shows progress in a line. */
export function cellsProgress(line: ProgressLine, claim?: OneOfMany): (progress: CellsProgress) => void {
  const timeLeft = new TimeLeft();
  const [ofClaim, title] =
    claim === undefined ? ['', ''] : [` of claim ${claim.number}/${claim.of}`, `${claim.name} | `];
  return ({ job, moved, finishedCells, allCells, doneWork, allWork }) => {
    const [cell] = job.cells;
    if (moved === undefined || cell === undefined) return;
    // What matters most comes first: a narrow terminal cuts the rest.
    line.update(
      `${timeLeft.text(doneWork, allWork)}${ofClaim} | ${title}${finishedCells}/${counted(allCells, 'cell')} | ` +
        `${cellText(cell)} step ${moved.step}/${moved.steps}`,
    );
  };
}
