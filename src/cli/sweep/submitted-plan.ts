/** @file Has the missing tasks of a plan done, by the engine that the plan names. */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../counted.ts';
import { ProcessError } from '../../errors.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { Failures } from '../../sweeps/node/failures.ts';
import { type PlanFile, sweepFiles } from '../../sweeps/node/plan-file.ts';
import { queuedTasks, submitTasks } from '../../sweeps/node/slurm.ts';
import { sweepState } from '../../sweeps/node/sweep-state.ts';
import { shellWord } from '../../shell-word.ts';
import { programWords } from './engines.ts';
import { openRunFolder } from '../../records/node/run-folder.ts';
import { publishSweep } from './sweep-report.ts';
import { createProgressLine, TimeLeft } from '../progress.ts';
import { nextStep } from './plan-text.ts';

export interface Submitted {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * Submits the tasks that have a missing cell and are in no queue. On Slurm it ends when they are submitted, else when they
 * are done.
 * @param isShown - whether progress is shown
 * @throws {ProcessError} where Slurm or ssh refuses
 */
export async function submitPlan(file: PlanFile, signal: AbortSignal, isShown: boolean): Promise<Submitted> {
  const { plan } = file;
  const open = sweepState(file).openTasks;
  if (open.length === 0) {
    const text = `Every cell is finished: nothing was submitted. ${nextStep(file)}`;
    return { text, json: { submitted: [] } };
  }
  return plan.on === 'slurm' ? onSlurm(file, open) : await byProcesses(file, open, signal, isShown);
}

function onSlurm(file: PlanFile, open: readonly number[]): Submitted {
  const { folder } = file;
  const queued = queuedTasks(folder);
  if (queued === undefined)
    throw new ProcessError('Slurm must be installed on this machine, got no squeue; submit from a login node');
  const inQueue = new Set(queued.map(({ task }) => task));
  const tasks = open.filter((task) => !inQueue.has(task));
  const excluded = Failures.ofHosts(folder).keys;
  const made = submitTasks(folder, tasks, excluded);
  const waiting = open.length - tasks.length;
  const still = waiting === 0 ? '' : `; ${counted(waiting, 'task is', 'tasks are')} in the queue already`;
  const arrays = made.map(({ job, tasks: indices }) => `job ${job} [${indices}]`).join(', ');
  const left = excluded.length === 0 ? '' : `, without ${excluded.join(', ')}, which did not compute right`;
  const text =
    tasks.length === 0
      ? `Nothing was submitted: ${counted(waiting, 'task')} with missing cells ${waiting === 1 ? 'is' : 'are'} in the queue already.`
      : `Submitted ${counted(tasks.length, 'task')} to Slurm: ${arrays}${left}${still}. ${nextStep(file)}`;
  return { text, json: { submitted: made, inQueue: waiting, excluded } };
}

/** Here, or by GNU parallel on the hosts of a file: this process stays until all is done. */
async function byProcesses(
  file: PlanFile,
  open: readonly number[],
  signal: AbortSignal,
  isShown: boolean,
): Promise<Submitted> {
  const { plan } = file;
  const bySsh = (): Promise<number | null> => overSsh(file, open, plan.on.slice('ssh:'.length), signal);
  const codes =
    plan.on === 'here'
      ? await here(file, open, signal, isShown)
      : [await (isShown ? withProgress(file, open, () => '', bySsh) : bySsh())];
  signal.throwIfAborted();
  const { openTasks, cells } = sweepState(file);
  if (openTasks.length === 0) {
    openRunFolder(file.folder).logEvent('finished', { tasks: open.length });
    if (plan.request.kind === 'claims') return { text: nextStep(file), json: { submitted: open } };
    const { text, json } = publishSweep(file, ['parquet']);
    return { text, json: { submitted: open, ...json } };
  }
  const missing = cells.filter(({ state }) => state !== 'finished').length;
  throw new ProcessError(
    `All cells of the sweep must be finished, but ${counted(missing, 'is', 'are')} not (exit codes ${[...new Set(codes)].join(', ')}); ` +
      `normscope status ${file.folder} says why, ${join(file.folder, sweepFiles.logs)} has what was printed`,
  );
}

/** Tasks as processes of this machine, `workers` at once, each with a log of its own. */
async function here(
  file: PlanFile,
  open: readonly number[],
  signal: AbortSignal,
  isShown: boolean,
): Promise<readonly (number | null)[]> {
  const queue = [...open];
  const codes: (number | null)[] = [];
  const next = async (): Promise<void> => {
    for (let task = queue.shift(); task !== undefined && !signal.aborted; task = queue.shift()) {
      codes.push(await oneTask(file, task, signal));
    }
  };
  const waiting = (): string => ` | ${counted(queue.length, 'task')} waiting`;
  const all = (): Promise<unknown> => Promise.all(Array.from({ length: file.plan.workers }, next));
  await (isShown ? withProgress(file, open, waiting, all) : all());
  return codes;
}

/** Shows how many cells there are while others make them. */
async function withProgress<T>(
  file: PlanFile,
  open: readonly number[],
  waiting: () => string,
  work: () => Promise<T>,
): Promise<T> {
  const line = createProgressLine();
  const timeLeft = new TimeLeft();
  const show = (): void => {
    const { cells } = sweepState(file);
    const finished = cells.filter(({ state }) => state === 'finished').length;
    line.update(`${timeLeft.text(finished, cells.length)} | ${finished}/${counted(cells.length, 'cell')}${waiting()}`);
  };
  line.begin(`${counted(open.length, 'task')}, ${file.plan.workers} at once`);
  const timer = setInterval(show, 2000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    line.done();
  }
}

async function oneTask({ path, folder }: PlanFile, task: number, signal: AbortSignal): Promise<number | null> {
  const log = join(folder, sweepFiles.logs, `task-${task}.log`);
  const sink = withStorageErrors('write', log, () => fs.openSync(log, 'a'));
  const [program, ...words] = programWords();
  // This process may be within a job of Slurm's; the task is none, and has nothing to ask of Slurm.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLURM_')));
  const all = [...words, 'worker', path, '--task', String(task)];
  const child = spawn(program, all, { stdio: ['ignore', sink, sink], env });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
  } finally {
    signal.removeEventListener('abort', stop);
    fs.closeSync(sink);
  }
}

/**
 * GNU parallel hands each host a task when it has ended one; the hosts see the plan at the same path. What tasks print is in
 * a log, as everywhere: standard output is for the outcome alone, which may be JSON.
 */
async function overSsh(
  { path, folder }: PlanFile,
  open: readonly number[],
  hosts: string,
  signal: AbortSignal,
): Promise<number | null> {
  const command = [...programWords(), 'worker', path, '--task', '{}'].map(shellWord).join(' ');
  const logs = join(folder, sweepFiles.logs);
  const words = ['--will-cite', '--sshloginfile', hosts, '--jobs', '1', '--joblog', join(logs, 'parallel.log')];
  const log = join(logs, 'tasks.log');
  const sink = withStorageErrors('write', log, () => fs.openSync(log, 'a'));
  try {
    const shown = ['--retries', '2', '--tagstring', 'task {}', command, ':::', ...open.map(String)];
    const child = spawn('parallel', [...words, ...shown], { stdio: ['ignore', sink, sink] });
    // Told once it begins no more tasks, and ends with those that are under way.
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        child.once('error', () =>
          reject(
            new ProcessError('parallel must be installed on this machine, got none in the PATH; see GNU parallel'),
          ),
        );
        child.once('exit', resolve);
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  } finally {
    fs.closeSync(sink);
  }
}
