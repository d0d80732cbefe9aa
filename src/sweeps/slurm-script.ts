/** @file What Slurm is given: a script that people read and may edit, and the numbers of tasks as `--array` takes them. */

import { shellWord } from '../shell-word.ts';

export interface ScriptSettings {
  /** The name of the job, as `squeue` shows it. */
  readonly name: string;
  readonly plan: string;
  readonly logs: string;
  /** The words that start normscope on every machine. */
  readonly program: readonly string[];
  readonly cpusPerTask: number;
  /** Further words of `sbatch`, as the user gave them. */
  readonly extra: string;
}

/** How long before its time limit a task is told, so that it saves and is queued again: Slurm may do so a minute early. */
const WARNING_SECONDS = 180;

/**
 * The script of a job array. The program takes the place of the shell, and so gets the signals that Slurm sends to the batch
 * shell. Its first argument is what is added to the index: an array cannot begin beyond Slurm's limit.
 */
export function slurmScript({ name, plan, logs, program, cpusPerTask, extra }: ScriptSettings): string {
  return [
    '#!/bin/bash',
    '# Written by normscope sweep. Edit it as your site needs: normscope submit gives it to Slurm as it is.',
    '# At the time limit a task saves its state and is queued again; when it is preempted Slurm does that itself.',
    `#SBATCH --job-name=${name}`,
    `#SBATCH --cpus-per-task=${cpusPerTask}`,
    `#SBATCH --output=${logs}/%A_%a.log`,
    '#SBATCH --open-mode=append',
    '#SBATCH --requeue',
    `#SBATCH --signal=B:USR1@${WARNING_SECONDS}`,
    ...(extra === '' ? [] : [`#SBATCH ${extra}`]),
    '',
    `exec ${[...program, 'worker', plan].map(shellWord).join(' ')} --task $((SLURM_ARRAY_TASK_ID + \${1:-0}))`,
    '',
  ].join('\n');
}

/** "0-3,7,9-12": numbers in rising order as Slurm writes them. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
