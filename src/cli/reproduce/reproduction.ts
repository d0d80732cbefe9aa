/** @file Runs planned studies one after another, and keeps what is finished when it is stopped. */

import { cellText, type CellJob } from '../../cells/job.ts';
import { type CellOutcome, type CellsRequest, runCells } from '../../cells/node/run-cells.ts';
import { DataError, InterruptedError } from '../../errors.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { RunFolder } from '../../records/node/run-folder.ts';
import type { DeviceSettings } from '../../runtime/device.ts';
import type { Study, StudyPlan } from '../../studies/study.ts';
import { cellsProgress, type OneOfMany } from './cells-progress.ts';
import { createProgressLine } from '../progress.ts';
import type { RunCell, StudyRun } from './study-section.ts';

export interface PlannedStudy {
  readonly study: Study;
  readonly plan: StudyPlan;
  /** "quick", or "quick, changed" where the protocol was changed by `--set`. */
  readonly budget: string;
  /** The shell command that repeats it. */
  readonly command: string;
}

/** Where work is done, and what can stop it. */
export interface Workplace extends Omit<CellsRequest, 'jobs' | 'onProgress'> {
  readonly signal: AbortSignal;
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

/** All jobs of all studies. */
export function jobsOf(planned: readonly PlannedStudy[]): readonly CellJob[] {
  return planned.flatMap(({ plan }) => plan.jobs);
}

/**
 * All studies, told of one by one; those after an interruption, or of which a cell is missing, as not run.
 * @returns with the first failure of any cell or rule
 */
export async function runStudies(
  planned: readonly PlannedStudy[],
  place: Workplace & { readonly run: RunFolder; readonly onStudy?: (run: StudyRun) => void },
): Promise<{ readonly runs: readonly StudyRun[]; readonly failure: unknown }> {
  const runs: StudyRun[] = [];
  let failure: unknown;
  for (const [i, study] of planned.entries()) {
    const { name } = study.study;
    const claim = planned.length > 1 ? { name, number: i + 1, of: planned.length } : undefined;
    const { outcome, error } = await runStudy(study, place, claim);
    failure ??= error;
    const run = { ...study, outcome };
    runs.push(run);
    place.onStudy?.(run);
  }
  return { runs, failure };
}

/** Why a claim that the budget cannot decide was not run. */
export function beyondText(command: string): string {
  return `not run at this budget; '${command}' runs it`;
}

/** What a study came to, or why to nothing, with what failed. A rule that fails leaves the other studies their results. */
async function runStudy(
  study: PlannedStudy,
  place: Workplace & { readonly run: RunFolder },
  claim: OneOfMany | undefined,
): Promise<{ readonly outcome: StudyRun['outcome']; readonly error?: unknown }> {
  const { name } = study.study;
  const started = Date.now();
  try {
    place.signal.throwIfAborted();
    if (study.plan.jobs.length === 0) {
      const outcome = beyondText(study.command);
      place.run.logEvent('not run', { study: name, why: outcome });
      return { outcome };
    }
    place.run.logEvent('begin', { study: name, cells: study.plan.jobs.length });
    const { cells, hasWorked } = await runWithProgress(study, place, claim);
    const missing = cells.filter(({ finished }) => finished === undefined);
    const wallSeconds = (Date.now() - started) / 1000;
    place.run.logEvent('finished', { study: name, wallSeconds, hasWorked, missing: missing.length });
    const [first] = missing;
    if (first !== undefined) return { outcome: missingText(missing, cells.length), error: first.error };
    // Cells that were all found were not made now, and say nothing about how long they take.
    return decided(study.plan, cells.flatMap(found), hasWorked ? wallSeconds : undefined);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    const outcome = 'stopped before its cells were finished';
    place.run.logEvent('not run', { study: name, why: outcome });
    return { outcome };
  }
}

function decided(
  plan: StudyPlan,
  cells: readonly RunCell[],
  wallSeconds: number | undefined,
): { readonly outcome: StudyRun['outcome']; readonly error?: unknown } {
  try {
    return { outcome: { result: plan.decide(cells.map(({ cell }) => cell)), cells, wallSeconds } };
  } catch (error) {
    return { outcome: `its rule could not be applied: ${errorText(error)}`, error };
  }
}

function found({ cell, finished }: CellOutcome): readonly RunCell[] {
  return finished === undefined ? [] : [{ asked: cell, cell: finished }];
}

/** "missing cell batch, rate 0.1, seed 1: the engine …"; where all of a study's cells miss the same data, that. */
function missingText(missing: readonly CellOutcome[], all: number): string {
  const [first] = missing;
  if (
    missing.length === all &&
    first?.error instanceof DataError &&
    missing.every(({ error }) => error === first.error)
  ) {
    return `its data could not be had: ${first.error.message}`;
  }
  const which = missing.slice(0, 3).map(({ cell }) => cellText(cell));
  const others = missing.length > which.length ? ` and ${missing.length - which.length} more` : '';
  return `missing ${missing.length === 1 ? 'cell' : 'cells'} ${which.join('; ')}${others}: ${errorText(first?.error)}`;
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function runWithProgress(
  { study, plan }: PlannedStudy,
  place: Workplace,
  claim: OneOfMany | undefined,
): Promise<{ readonly cells: readonly CellOutcome[]; readonly hasWorked: boolean }> {
  const line = createProgressLine();
  const show = cellsProgress(line, claim);
  let hasWorked = false;
  line.begin(`${study.name} | preparing`);
  try {
    const cells = await runCells({
      ...place,
      jobs: plan.jobs,
      onProgress: (progress) => {
        hasWorked ||= progress.doneWork > 0;
        show(progress);
      },
    });
    return { cells, hasWorked };
  } finally {
    line.done();
  }
}
