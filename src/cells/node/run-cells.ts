/** @file Runs jobs: several at once, no cell twice, one that fails without the others, the work left known at all times. */

import { DataError, InterruptedError, isDeliberate, StorageError } from '../../errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { type FinishedCell, type HeldProbe, uniteProbes } from '../../records/cell.ts';
import { CellPublished, type CellWork } from '../../records/node/attempt.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import {
  type CellJob,
  cellHash,
  type Circumstances,
  type JobCell,
  type JobProgress,
  type LookAtState,
  type Workbench,
} from '../job.ts';

/** How far all jobs of a run are. */
export interface CellsProgress {
  readonly job: CellJob;
  /** Of the job that has just moved; undefined where all of it was found finished, or has ended. */
  readonly moved: JobProgress | undefined;
  readonly finishedCells: number;
  readonly allCells: number;
  /** Work done and to do over all cells, by their cost, found ones left out. */
  readonly doneWork: number;
  readonly allWork: number;
}

export interface CellsRequest {
  readonly jobs: readonly CellJob[];
  readonly circumstances: Circumstances;
  /** Probes that cells shall hold beside those of these jobs, by hash: what others will ask of the same cells. */
  readonly probes?: ReadonlyMap<string, readonly HeldProbe[]> | undefined;
  /** Loads a data set, when the first job that needs it has a cell to make. */
  readonly dataset: (name: string) => Promise<Dataset>;
  /** The folder of all cells. */
  readonly root: string;
  /** Jobs at once; each uses the threads of the device settings. */
  readonly parallel: number;
  /** How often a job is tried whose engine fails, each time from its newest checkpoint; default 2. */
  readonly tries?: number | undefined;
  readonly onProgress?: (progress: CellsProgress) => void;
  /** Shown the state of each training at its checkpoints. */
  readonly look?: LookAtState | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Starts the device of each job; default a thread of Node. */
  readonly openDevice?: OpenDevice | undefined;
}

/** A cell that was asked for, and what became of it. */
export interface CellOutcome {
  readonly cell: JobCell;
  readonly hash: string;
  /** Undefined where it failed. */
  readonly finished: FinishedCell | undefined;
  /** Why it failed. */
  readonly error: unknown;
}

/** By hash, all probes that any of these jobs asks for. */
export function probesByHash(
  jobs: readonly CellJob[],
  circumstances: Circumstances,
): ReadonlyMap<string, readonly HeldProbe[]> {
  const united = new Map<string, readonly HeldProbe[]>();
  for (const cell of jobs.flatMap(({ cells }) => cells)) {
    const hash = cellHash(cell, circumstances);
    united.set(hash, uniteProbes(united.get(hash) ?? [], cell.probes));
  }
  return united;
}

/**
 * What became of all cells of all jobs, in their order. Cells of one hash are one cell, which runs once with the probes of
 * all. One that fails leaves the others running.
 * @throws {SettingError} before any cell runs, where one of them cannot be.
 * @throws {InterruptedError} by way of the signal's reason.
 */
export async function runCells(request: CellsRequest): Promise<readonly CellOutcome[]> {
  const { jobs, circumstances, root, parallel, tries = 2, onProgress, signal } = request;
  const own = probesByHash(jobs, circumstances);
  const wanted = new Map([...own].map(([hash, held]) => [hash, uniteProbes(held, request.probes?.get(hash) ?? [])]));
  const taken = new Set<string>();
  const tasks = jobs.flatMap((job): Task[] => {
    const cells = job.cells
      .map((cell) => ({ cell, hash: cellHash(cell, circumstances) }))
      .filter(({ hash }) => !taken.has(hash))
      .map(({ cell, hash }) => (taken.add(hash), { cell, hash, probes: wanted.get(hash) ?? [] }));
    const missing = cells.filter(({ hash, probes }) => openCell(root, hash).maybeFinished(probes) === undefined);
    const cost = missing.reduce((sum, { cell, probes }) => sum + cell.cost(probes), 0);
    return cells.length === 0 ? [] : [{ job, cells, cost, done: 0 }];
  });
  for (const { job, cost } of tasks) if (cost > 0) await checkJob(job, request);
  /** Why the cells that have been tried are not there; undefined for those that are. */
  const failures = new Map<string, unknown>();
  const sum = (of: (task: Task) => number): number => tasks.reduce((total, task) => total + of(task), 0);
  const allWork = sum(({ cost }) => cost);
  const notify = ({ job }: Task, moved: JobProgress | undefined): void =>
    onProgress?.({
      job,
      moved,
      finishedCells: failures.size,
      allCells: own.size,
      doneWork: sum(({ done }) => done),
      allWork,
    });
  const queue = [...tasks];
  const takeNext = async (): Promise<void> => {
    for (let task = queue.shift(); task !== undefined && signal?.aborted !== true; task = queue.shift()) {
      const current = task;
      const bench = benchOf(request, current.job, (moved) => {
        current.done = (current.cost * moved.step) / moved.steps;
        notify(current, moved);
      });
      const failed = await tryAgain(() => runTask(current, bench, request), tries, signal);
      for (const { hash } of current.cells) failures.set(hash, failed);
      current.done = current.cost;
      notify(current, undefined);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallel) }, takeNext));
  signal?.throwIfAborted();
  return jobs
    .flatMap(({ cells }) => cells)
    .map((cell) => {
      const hash = cellHash(cell, circumstances);
      const finished = openCell(root, hash).maybeFinished(cell.probes);
      return { cell, hash, finished, error: finished === undefined ? failures.get(hash) : undefined };
    });
}

/** Whether a cell is there, with all its probes. */
export function isFinished(cell: JobCell, circumstances: Circumstances, root: string): boolean {
  return openCell(root, cellHash(cell, circumstances)).maybeFinished(cell.probes) !== undefined;
}

/** Loads the data sets of the jobs that have a cell to make. @throws {DataError} where one is not to be had. */
export async function loadMissing({
  jobs,
  circumstances,
  root,
  dataset,
}: Pick<CellsRequest, 'jobs' | 'circumstances' | 'root' | 'dataset'>): Promise<void> {
  for (const job of jobs) {
    if (job.dataset === undefined || job.cells.every((cell) => isFinished(cell, circumstances, root))) continue;
    await dataset(job.dataset);
  }
}

/** Where a job of a request is done. */
export function benchOf(
  { circumstances, dataset, openDevice = nodeDevice, look, signal }: Omit<CellsRequest, 'jobs' | 'root' | 'parallel'>,
  job: CellJob,
  report: Workbench['report'] = () => undefined,
): Workbench {
  return { device: circumstances.device, openDevice, dataset: () => dataset(job.dataset ?? ''), report, look, signal };
}

/** A job, with those of its cells that no job before it makes. */
interface Task {
  readonly job: CellJob;
  readonly cells: readonly { readonly cell: JobCell; readonly hash: string; readonly probes: readonly HeldProbe[] }[];
  /** Of what was missing at the beginning. */
  readonly cost: number;
  done: number;
}

/** Throws where a job cannot be done. Data that are not to be had are left for the job itself to miss. */
async function checkJob(job: CellJob, { dataset }: CellsRequest): Promise<void> {
  try {
    job.check(job.dataset === undefined ? undefined : await dataset(job.dataset));
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
  }
}

/** Makes the cells of a task that are missing, those that other processes make meanwhile left out. */
async function runTask({ job, cells }: Task, bench: Workbench, { circumstances, root }: CellsRequest): Promise<void> {
  const { lowering } = circumstances.device;
  // These two had the same bits with AVX-512 and without; `blocked` is chosen by what the processor has.
  const isMachineBound = lowering !== 'portable' && lowering !== 'reference';
  for (;;) {
    const works: { readonly cell: JobCell; readonly work: CellWork }[] = [];
    try {
      for (const { cell, hash, probes } of cells) {
        const place = openCell(root, hash);
        const found = place.maybeFinished(probes);
        if (found !== undefined) place.tidy(found);
        else works.push({ cell, work: place.begin({ config: cell.config(circumstances), probes, isMachineBound }) });
      }
      if (works.length === 0) return;
      const summaries = await job.run(bench, works);
      for (const [i, { work }] of works.entries()) work.finish(summaries[i] ?? {});
      return;
    } catch (error) {
      closeAll(works);
      // Another process was faster with one of them: what is left is looked at again.
      if (!(error instanceof CellPublished)) throw error;
    }
  }
}

/** Ends attempts that keep what they have; where one cannot be (a full disk), the others are, and what went wrong before is told. */
function closeAll(works: readonly { readonly work: CellWork }[]): void {
  for (const { work } of works) {
    try {
      work.close();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
    }
  }
}

/** Further tries, from the newest checkpoint, where the engine's thread died or failed. @returns what failed the last. */
async function tryAgain(run: () => Promise<void>, tries: number, signal: AbortSignal | undefined): Promise<unknown> {
  for (let tried = 1; ; tried++) {
    try {
      await run();
      return undefined;
    } catch (error) {
      if (signal?.aborted === true || error instanceof InterruptedError) throw error;
      if (isDeliberate(error) || tried === tries) return error;
    }
  }
}
