/** @file Writes what a training came to into the folder of its run, and says it in a few lines. */

import { trainingJob } from '../../cells/training.ts';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { RecordFormat, RunFolder } from '../../records/node/run-folder.ts';
import { describeRun, type RunMade } from '../report/manifest.ts';
import { writeDocument } from '../report/publish.ts';
import { trainingSection } from './training-section.ts';

/** Records, figures, manifest and report. @param wallSeconds - undefined where the cell was found */
export function publishTraining(
  folder: RunFolder,
  spec: TrainingSpec,
  { cell, wallSeconds }: { readonly cell: FinishedCell; readonly wallSeconds: number | undefined },
  made: RunMade,
  formats: readonly RecordFormat[],
): { readonly text: string; readonly json: object } {
  const cells = trainingJob(spec).cells.map((asked) => ({ asked, cell }));
  const section = trainingSection(spec, made.device, cell, wallSeconds);
  const report = writeDocument(folder, section.title, [section], cells, describeRun(made, cells), formats);
  const { sentence } = section;
  return {
    text: `${sentence}\nReport: ${report}`,
    json: { report, folder: folder.path, cell: cell.hash, sentence, summary: cell.summary },
  };
}
