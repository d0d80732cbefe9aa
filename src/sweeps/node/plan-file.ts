/** @file The folder of a sweep: its plan, and what else lies beside it. */

import fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { DataError, StorageError } from '../../errors.ts';
import { readJson, writeFileAtomic } from '../../records/node/atomic.ts';
import { type Plan, planSchema } from '../plan.ts';

/** A plan as it lies on the disk. */
export interface PlanFile {
  readonly path: string;
  /** The folder that it is in, absolute. */
  readonly folder: string;
  /** The folder of all cells, absolute. */
  readonly cells: string;
  readonly plan: Plan;
}

/** What a folder of a sweep holds beside `plan.json`. */
export const sweepFiles = {
  plan: 'plan.json',
  /** What Slurm is given; its owner may edit it. */
  script: 'sweep.sbatch',
  /** What every task printed. */
  logs: 'logs',
  /** What was submitted to Slurm, a line each. */
  submissions: 'submitted.jsonl',
  /** A file for every cell that failed. */
  failures: 'failed',
  /** A file for every host that does not compute right. */
  hosts: 'faulty-hosts',
} as const;

/**
 * Reads a plan, given by its file or its folder.
 * @throws {StorageError} where there is none. @throws {DataError} where it is not one.
 */
export function readPlan(word: string): PlanFile {
  const path = resolve(isFolder(word) ? join(word, sweepFiles.plan) : word);
  if (!fs.existsSync(path)) {
    throw new StorageError(`Cannot read the plan ${word}: there is none; normscope sweep writes one`);
  }
  const read = planSchema.safeParse(readJson(path));
  if (!read.success) {
    const why = z.prettifyError(read.error).replaceAll('\n', ' ');
    throw new DataError(`${path} must be a plan that normscope sweep has written: ${why}`);
  }
  const folder = dirname(path);
  return { path, folder, cells: resolve(folder, read.data.cells), plan: checked(path, read.data) };
}

/** Whether a folder is that of a sweep. */
export function isSweep(folder: string): boolean {
  return fs.existsSync(join(folder, sweepFiles.plan));
}

/** Writes a plan: jobs and tasks a line each, so that a plan of thousands is still read by people. */
export function writePlan(path: string, { probes, jobs, tasks, ...head }: Plan): void {
  const lines = (items: readonly unknown[]): string => items.map((item) => `\n    ${JSON.stringify(item)}`).join(',');
  const lists = Object.entries({ probes, jobs, tasks }).map(([name, items]) => `  "${name}": [${lines(items)}\n  ]`);
  writeFileAtomic(path, `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n${lists.join(',\n')}\n}\n`);
}

/** A plan whose numbers point to what it has. */
function checked(path: string, plan: Plan): Plan {
  const { jobs, probes, tasks } = plan;
  const lostJob = tasks.flat().find((job) => job >= jobs.length);
  if (lostJob !== undefined) throw new DataError(`${path} has a task with job ${lostJob}, but ${jobs.length} jobs`);
  const lostSet = jobs.flatMap((job) => job.cells).find((cell) => cell.probes >= probes.length);
  if (lostSet !== undefined) {
    throw new DataError(`${path} has a cell with set ${lostSet.probes} of probes, but ${probes.length} sets`);
  }
  return plan;
}

function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
