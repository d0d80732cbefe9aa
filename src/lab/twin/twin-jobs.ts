/** @file Which cells a twin is of: all of a study that only measures; of one that trains, one replication of each arm. */

import type { CellJob, JobCell, Workbench } from '../../cells/job.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StudyPlan } from '../../studies/study.ts';

/** A job, and those of its cells that are made. */
export interface TwinJob {
  readonly job: CellJob;
  readonly cells: readonly JobCell[];
}

export interface TwinPart {
  readonly jobs: readonly TwinJob[];
  /** The seed of all these cells, where they are one replication of several. */
  readonly seed: number | undefined;
  /** The name of the data set that they are trained on. */
  readonly dataset: string | undefined;
}

/** Further replications of a training would show no more than the first, and take as long again. */
export function twinPart({ jobs }: Pick<StudyPlan, 'jobs'>): TwinPart {
  // What only measures knows how long that takes, and is mostly over in seconds.
  const isTrained = jobs.some((job) => job.pace.isTried);
  const seed = isTrained ? jobs[0]?.cells[0]?.seed : undefined;
  const chosen = jobs.map((job) => ({ job, cells: job.cells.filter((cell) => isOf(cell, seed)) }));
  return {
    jobs: chosen.filter(({ cells }) => cells.length > 0),
    seed,
    dataset: jobs.find(({ dataset }) => dataset !== undefined)?.dataset,
  };
}

/** Of all cells of a study, in the order of its plan, those that a twin is of. */
export function cellsOfPart(
  { jobs }: Pick<StudyPlan, 'jobs'>,
  { seed }: TwinPart,
  cells: readonly FinishedCell[],
): readonly FinishedCell[] {
  const asked = jobs.flatMap((job) => job.cells);
  return cells.filter((_, i) => asked[i] !== undefined && isOf(asked[i], seed));
}

function isOf(cell: JobCell, seed: number | undefined): boolean {
  return seed === undefined || cell.seed === seed;
}

/** About how long they take: by the job's own word, or, of trainings, by a few steps that are tried now. */
export async function secondsOf({ jobs }: TwinPart, bench: (job: CellJob) => Workbench): Promise<number> {
  const paces = new Map<string, number>();
  let sum = 0;
  for (const { job, cells } of jobs) {
    const { key } = job.pace;
    const pace = paces.get(key) ?? (await job.pace.measure(bench(job), 1)).seconds;
    paces.set(key, pace);
    sum += pace * cells.reduce((units, cell) => units + cell.cost(cell.probes), 0);
  }
  return sum;
}
