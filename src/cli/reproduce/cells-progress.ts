/** @file How far cells are, in a line: what time is left, how many are there, and which has just moved. */

import { cellText } from '../../cells/job.ts';
import type { CellsProgress } from '../../cells/node/run-cells.ts';
import { counted } from '../../counted.ts';
import { type ProgressLine, TimeLeft } from '../progress.ts';

/** Shows progress in a line. @param title - stands before the count: whose cells they are, where there are others */
export function cellsProgress(line: ProgressLine, title = ''): (progress: CellsProgress) => void {
  const timeLeft = new TimeLeft();
  return ({ job, moved, finishedCells, allCells, doneWork, allWork }) => {
    const [cell] = job.cells;
    if (moved === undefined || cell === undefined) return;
    // What matters most comes first: a narrow terminal cuts the rest.
    line.update(
      `${timeLeft.text(doneWork, allWork)} | ${title}${finishedCells}/${counted(allCells, 'cell')} | ` +
        `${cellText(cell)} step ${moved.step}/${moved.steps}`,
    );
  };
}
