/** @file Slurm, by its own commands: how large an array may be, submitting tasks, what is in the queue, queueing again. */

import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { arraysOf } from '../chunks.ts';
import { rangesText } from '../slurm-script.ts';
import { maybeOutput, output } from './commands.ts';
import { sweepFiles } from './plan-file.ts';

/** An array of jobs that Slurm was given: task `offset + index` for every index. */
export interface Submission {
  readonly job: string;
  readonly offset: number;
  readonly tasks: string;
  /** ISO time. */
  readonly time: string;
}

/** Tasks of a sweep that Slurm still has. */
export interface QueuedTask {
  readonly task: number;
  /** As Slurm has it: PENDING, RUNNING. */
  readonly state: string;
  readonly host: string;
}

const schema: z.ZodType<Submission> = z.object({
  job: z.string(),
  offset: z.int(),
  tasks: z.string(),
  time: z.string(),
});

/** The most indices of an array: Slurm caps the index itself, MaxArraySize - 1. */
function maxArraySize(): number {
  const found = /MaxArraySize\s*=\s*(\d+)/.exec(output('scontrol', ['show', 'config']));
  return Number(found?.[1] ?? 1001);
}

/** Gives Slurm these tasks of a sweep, in as many arrays as it takes. @throws {ProcessError} where it refuses. */
export function submitTasks(
  folder: string,
  tasks: readonly number[],
  excluded: readonly string[],
): readonly Submission[] {
  const size = maxArraySize();
  const last = tasks.at(-1);
  if (last === undefined) return [];
  const made: Submission[] = [];
  for (const { offset, count } of arraysOf(last + 1, size)) {
    const indices = tasks.filter((task) => task >= offset && task < offset + count).map((task) => task - offset);
    if (indices.length === 0) continue;
    const array = rangesText(indices);
    const job = output('sbatch', [
      '--parsable',
      `--array=${array}`,
      ...(excluded.length === 0 ? [] : [`--exclude=${excluded.join(',')}`]),
      join(folder, sweepFiles.script),
      String(offset),
    ]);
    // "123" or "123;cluster".
    const submission = { job: job.trim().split(';')[0] ?? '', offset, tasks: array, time: new Date().toISOString() };
    remember(folder, submission);
    made.push(submission);
  }
  return made;
}

function remember(folder: string, submission: Submission): void {
  const path = join(folder, sweepFiles.submissions);
  withStorageErrors('append to', path, () =>
    fs.appendFileSync(path, `${JSON.stringify(submission)}\n`, { flush: true }),
  );
}

/** All that was submitted for a sweep; a line that a crash has cut is left out. */
export function submissionsOf(folder: string): readonly Submission[] {
  const path = join(folder, sweepFiles.submissions);
  if (!fs.existsSync(path)) return [];
  return withStorageErrors('read', path, () => fs.readFileSync(path, 'utf8'))
    .split('\n')
    .flatMap((line) => {
      try {
        return schema.safeParse(JSON.parse(line)).data ?? [];
      } catch {
        return [];
      }
    });
}

/** The tasks of a sweep that wait or run; undefined where there is no Slurm here to ask. */
export function queuedTasks(folder: string): readonly QueuedTask[] | undefined {
  const submissions = submissionsOf(folder);
  if (submissions.length === 0) return [];
  const offsets = new Map(submissions.map(({ job, offset }) => [job, offset]));
  // Of all jobs: `--jobs` fails as a whole where Slurm has forgotten one of them.
  const listed = maybeOutput('squeue', ['--noheader', '--array', '--me', '--format=%F %K %T %N']);
  return listed?.split('\n').flatMap((line) => {
    const [job = '', index = '', state = '', host = ''] = line.trim().split(/\s+/);
    const offset = offsets.get(job);
    return offset === undefined || !/^\d+$/.test(index) ? [] : [{ task: offset + Number(index), state, host }];
  });
}

/** Puts the task that this process is back into the queue: Slurm ends the process then. Nothing outside of Slurm. */
export function requeueThisTask(): void {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: task } = process.env;
  if (job !== undefined && task !== undefined) output('scontrol', ['requeue', `${job}_${task}`]);
}

/** Longer than sites give, and as long as a task that nobody ends may keep its processors. */
const MOST_GRACE_MS = 600_000;

/**
 * Waits to be killed by Slurm, with all saved. A task that is to make room for another has a time of grace (GraceTime); one
 * that ends by itself meanwhile is over in Slurm's eyes, and is not queued again. Ends at once outside of Slurm.
 */
export async function awaitKill(): Promise<void> {
  if (process.env.SLURM_JOB_ID !== undefined) await delay(MOST_GRACE_MS);
}

/** How often Slurm has begun this task again. */
export function restartsOfThisTask(): number {
  return Number(process.env.SLURM_RESTART_COUNT ?? 0);
}
