/** @file Which jobs of a sweep one task of a job array does, and how many arrays the tasks need. */

import { SettingError } from '../errors.ts';

/** A task shorter than this costs a site's scheduler more than it is worth. */
const USUAL_FLOOR_SECONDS = 600;

export interface ChunkSettings {
  /** How many tasks are at work at once. */
  readonly workers: number;
  /** Up to which a task is filled however little work is left, its overhead included; 600 when omitted. */
  readonly floorSeconds?: number;
  /** What a task takes beside its jobs: to start, to check itself; 0 when omitted. */
  readonly overheadSeconds?: number;
}

/**
 * Jobs by index, gathered in tasks that taper: as a scheduler starts tasks in their order, the first are long and cost
 * little overhead, the last are short and even out what hosts and estimates are off by.
 *
 * Jobs are taken heaviest first, those of equal weight in their order, so that a plan is the same whoever makes it. A task is
 * filled with jobs as long as they sum to no more than
 *
 *     max((seconds of all jobs left) / (2 · workers), floor − overhead)
 *
 * and so stays below that by less than its next job; a job that alone is heavier is a task of its own. The last task has
 * what is left.
 * @param seconds - estimates, one per job, s, 0 or more
 * @returns every index of `seconds` once; no task is empty.
 * @throws {SettingError} unless `workers` is a whole number of 1 or more, and all seconds are finite and 0 or more
 */
export function taperedChunks(seconds: readonly number[], settings: ChunkSettings): readonly (readonly number[])[] {
  const { workers, floorSeconds = USUAL_FLOOR_SECONDS, overheadSeconds = 0 } = settings;
  assertWhole('workers', workers, 1);
  assertSeconds('floorSeconds', floorSeconds);
  assertSeconds('overheadSeconds', overheadSeconds);
  seconds.forEach((one, i) => assertSeconds(`the estimate of job ${i}`, one));

  const weightOf = (job: number): number => seconds[job] as number;
  const sorted = seconds.map((_, job) => job).sort((a, b) => weightOf(b) - weightOf(a) || a - b);
  const tasks: number[][] = [];
  let left = seconds.reduce((sum, one) => sum + one, 0);
  let [room, task] = [0, [] as number[]];
  for (const job of sorted) {
    const weight = weightOf(job);
    if (tasks.length === 0 || weight > room) {
      room = Math.max(left / (2 * workers), floorSeconds - overheadSeconds);
      task = [];
      tasks.push(task);
    }
    task.push(job);
    room -= weight;
    left -= weight;
  }
  return tasks;
}

/** Tasks `offset` … `offset + count − 1` of a plan, as an array of its own with indices 0 … `count − 1`. */
export interface JobArray {
  readonly offset: number;
  readonly count: number;
}

/**
 * The arrays that tasks are submitted as. A limit on the size of arrays is one on the index: where Slurm's `MaxArraySize` is
 * 1001, `--array=0-1000` is taken, while `0-1001` and a lone `1001` are refused. So every array begins at 0.
 * @param maxArraySize - `MaxArraySize` of the site: indices are below it
 * @returns in order; none where there are no tasks
 * @throws {SettingError} unless `tasks` is a whole number of 0 or more and `maxArraySize` one of 1 or more
 */
export function arraysOf(tasks: number, maxArraySize: number): readonly JobArray[] {
  assertWhole('tasks', tasks, 0);
  assertWhole('MaxArraySize', maxArraySize, 1);
  return Array.from({ length: Math.ceil(tasks / maxArraySize) }, (_, i) => {
    const offset = i * maxArraySize;
    return { offset, count: Math.min(maxArraySize, tasks - offset) };
  });
}

function assertWhole(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new SettingError(
    `Cannot divide a sweep among tasks: ${what} must be a whole number of ${least} or more, got ${value}`,
  );
}

function assertSeconds(what: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new SettingError(`Cannot divide a sweep among tasks: ${what} must be 0 s or more and finite, got ${value}`);
}
