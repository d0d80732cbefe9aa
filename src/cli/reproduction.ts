/** @file Runs planned studies one after another, and keeps what is finished when it is stopped. */

import { runCells } from '../cells/node/run-cells.ts';
import { type CellSpec, seedOf } from '../cells/cell-spec.ts';
import type { Dataset } from '../data/dataset.ts';
import { counted } from '../counted.ts';
import { DataError, InterruptedError } from '../errors.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { FinishedCell } from '../records/cell.ts';
import type { RunFolder } from '../records/node/run-folder.ts';
import type { DeviceSettings } from '../runtime/device.ts';
import type { Study, StudyPlan } from '../studies/study.ts';
import { openDataset } from './options.ts';
import { createProgressLine, TimeLeft } from './progress.ts';
import type { RunCell, StudyRun } from './study-section.ts';

export interface PlannedStudy {
  readonly study: Study;
  readonly plan: StudyPlan;
  /** "quick", or "quick, changed" where the protocol was changed by `--set`. */
  readonly budget: string;
  /** The shell command that repeats it. */
  readonly command: string;
  readonly specs: readonly CellSpec[];
}

/** Where work is done, and what can stop it. */
export interface Workplace {
  /** The folder of all cells. */
  readonly root: string;
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly open: DatasetOpener;
}

/** The data set of a study, loaded once; undefined where it needs none. */
export type DatasetOpener = (study: Pick<PlannedStudy, 'study' | 'plan'>) => Promise<Dataset | undefined>;

/** @param folder - a folder named by the user that holds the data */
export function datasetOpener(folder: string | undefined, signal: AbortSignal): DatasetOpener {
  const loaded = new Map<string, Promise<Dataset>>();
  return async (study) => {
    const name = studyDataset(study);
    if (name === undefined) return undefined;
    const dataset = loaded.get(name) ?? openDataset(name, folder, signal);
    loaded.set(name, dataset);
    return await dataset;
  };
}

/** A run's `config.json`: everything that was asked for, resolved. */
export function reproductionConfig(planned: readonly PlannedStudy[], device: DeviceSettings): JsonObject {
  return {
    command: 'reproduce',
    device: { ...device },
    studies: planned.map(({ study, plan, budget }) => ({
      name: study.name,
      budget,
      protocol: plan.protocol,
      rule: study.rule,
    })),
  };
}

/** The data set of a study: a field of its protocol, so that it can be changed; undefined where it needs none. */
export function studyDataset({ study, plan }: Pick<PlannedStudy, 'study' | 'plan'>): string | undefined {
  const { dataset } = plan.protocol;
  return typeof dataset === 'string' ? dataset : study.dataset;
}

/**
 * All studies, told of one by one; those after an interruption, or whose data are not to be had, as not run. The data set
 * is the last one used, and the failure the first to get one.
 */
export async function runStudies(
  planned: readonly PlannedStudy[],
  place: Workplace & { readonly run: RunFolder; readonly onStudy?: (run: StudyRun) => void },
): Promise<{
  readonly runs: readonly StudyRun[];
  readonly dataset: Dataset | undefined;
  readonly failure: DataError | undefined;
}> {
  const runs: StudyRun[] = [];
  let dataset: Dataset | undefined;
  let failure: DataError | undefined;
  for (const study of planned) {
    const started = Date.now();
    let outcome: StudyRun['outcome'];
    try {
      place.signal.throwIfAborted();
      const opened = await place.open(study);
      dataset = opened ?? dataset;
      place.run.logEvent('begin', { study: study.study.name, cells: study.specs.length });
      const { cells, hasWorked } = await runWithProgress(study, opened, place, planned.length > 1);
      const wallSeconds = (Date.now() - started) / 1000;
      place.run.logEvent('finished', { study: study.study.name, wallSeconds });
      // Cells that were all found were not made now, and say nothing about how long they take.
      outcome = { cells: pair(study.specs, cells), wallSeconds: hasWorked ? wallSeconds : undefined };
    } catch (error) {
      if (error instanceof InterruptedError) outcome = 'stopped before its cells were finished';
      else if (error instanceof DataError) {
        // Other studies need other data or none; what is missing is said at the end.
        failure ??= error;
        outcome = `its data could not be had: ${error.message}`;
      } else throw error;
      place.run.logEvent('not run', { study: study.study.name, why: outcome });
    }
    const run = { ...study, outcome };
    runs.push(run);
    place.onStudy?.(run);
  }
  return { runs, dataset, failure };
}

function pair(specs: readonly CellSpec[], cells: readonly FinishedCell[]): readonly RunCell[] {
  return specs.flatMap((spec, i) => {
    const cell = cells[i];
    return cell === undefined ? [] : [{ spec, cell }];
  });
}

async function runWithProgress(
  { study, specs }: PlannedStudy,
  dataset: Dataset | undefined,
  { root, parallel, signal }: Workplace,
  isOneOfMany: boolean,
): Promise<{ readonly cells: readonly FinishedCell[]; readonly hasWorked: boolean }> {
  const line = createProgressLine();
  const timeLeft = new TimeLeft();
  const title = isOneOfMany ? `${study.name} | ` : '';
  let hasWorked = false;
  line.begin(`${study.name} | preparing`);
  try {
    const cells = await runCells({
      specs,
      dataset,
      root,
      parallel,
      signal,
      onProgress: ({ spec, cell, finishedCells, allCells, doneWork, allWork }) => {
        hasWorked ||= doneWork > 0;
        if (cell === undefined) return;
        const rate = 'training' in spec ? ` lr ${spec.training.learningRate}` : '';
        // What matters most comes first: a narrow terminal cuts the rest.
        line.update(
          `${timeLeft.text(doneWork, allWork)} | ${title}${finishedCells}/${counted(allCells, 'cell')} | ` +
            `${spec.arm}${rate} seed ${seedOf(spec)} step ${cell.step}/${cell.steps}`,
        );
      },
    });
    return { cells, hasWorked };
  } finally {
    line.done();
  }
}
