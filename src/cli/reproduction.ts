/** @file Runs planned studies one after another, and keeps what is finished when it is stopped. */

import { runCells } from '../cells/run-cells.ts';
import type { CellSpec } from '../cells/cell-spec.ts';
import type { Dataset } from '../data/dataset.ts';
import { InterruptedError } from '../errors.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { FinishedCell } from '../records/cell-folder.ts';
import type { RunFolder } from '../records/run-folder.ts';
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

/** The data set of a study, loaded once. */
export type DatasetOpener = (study: Pick<PlannedStudy, 'study' | 'plan'>) => Promise<Dataset>;

/** @param folder - a folder named by the user that holds the data */
export function datasetOpener(folder: string | undefined, signal: AbortSignal): DatasetOpener {
  const loaded = new Map<string, Promise<Dataset>>();
  return (study) => {
    const name = studyDataset(study);
    const dataset = loaded.get(name) ?? openDataset(name, folder, signal);
    loaded.set(name, dataset);
    return dataset;
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

/** The data set of a study: a field of its protocol, so that it can be changed. */
export function studyDataset({ study, plan }: Pick<PlannedStudy, 'study' | 'plan'>): string {
  const { dataset } = plan.protocol;
  return typeof dataset === 'string' ? dataset : study.dataset;
}

/** All studies, those after an interruption as not run; the data set is that of the last one. */
export async function runStudies(
  planned: readonly PlannedStudy[],
  place: Workplace & { readonly run: RunFolder },
): Promise<{ readonly runs: readonly StudyRun[]; readonly dataset: Dataset | undefined }> {
  const runs: StudyRun[] = [];
  let dataset: Dataset | undefined;
  for (const study of planned) {
    const started = Date.now();
    let outcome: StudyRun['outcome'];
    try {
      place.signal.throwIfAborted();
      dataset = await place.open(study);
      place.run.logEvent('begin', { study: study.study.name, cells: study.specs.length });
      const { cells, hasTrained } = await runWithProgress(study, dataset, place, planned.length > 1);
      const wallSeconds = (Date.now() - started) / 1000;
      place.run.logEvent('finished', { study: study.study.name, wallSeconds });
      // Cells that were all found were not trained now, and say nothing about how long they take.
      outcome = { cells: pair(study.specs, cells), wallSeconds: hasTrained ? wallSeconds : undefined };
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      place.run.logEvent('interrupted', { study: study.study.name });
      outcome = 'stopped before its cells were finished';
    }
    runs.push({ ...study, outcome });
  }
  return { runs, dataset };
}

function pair(specs: readonly CellSpec[], cells: readonly FinishedCell[]): readonly RunCell[] {
  return specs.flatMap((spec, i) => {
    const cell = cells[i];
    return cell === undefined ? [] : [{ spec, cell }];
  });
}

async function runWithProgress(
  { study, specs }: PlannedStudy,
  dataset: Dataset,
  { root, parallel, signal }: Workplace,
  isOneOfMany: boolean,
): Promise<{ readonly cells: readonly FinishedCell[]; readonly hasTrained: boolean }> {
  const line = createProgressLine();
  const timeLeft = new TimeLeft();
  const title = isOneOfMany ? `${study.name} | ` : '';
  let hasTrained = false;
  line.begin(`${study.name} | preparing`);
  try {
    const cells = await runCells({
      specs,
      dataset,
      root,
      parallel,
      signal,
      onProgress: ({ spec, cell, finishedCells, allCells, doneWork, allWork }) => {
        if (cell === undefined) return;
        hasTrained = true;
        const { learningRate, seed, steps } = spec.training;
        // What matters most comes first: a narrow terminal cuts the rest.
        line.update(
          `${timeLeft.text(doneWork, allWork)} | ${title}${finishedCells}/${allCells} cells | ` +
            `${spec.arm} lr ${learningRate} seed ${seed} step ${cell.step}/${steps}`,
        );
      },
    });
    return { cells, hasTrained };
  } finally {
    line.done();
  }
}
