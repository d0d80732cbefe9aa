/** @file `normscope worker`: does one task of a plan, and says by its exit code whether anything of it is left. */

import { hostname } from 'node:os';
import { Command, Option } from 'commander';
import { type CellJob, cellHash, cellText } from '../../cells/job.ts';
import { type CellsRequest, runCells } from '../../cells/node/run-cells.ts';
import { circumstancesOf } from '../../cells/node/versions.ts';
import { counted } from '../../counted.ts';
import { InterruptedError, NumericError, SettingError } from '../../errors.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { checkLowering, faultText, inOneThread } from '../../runtime/self-check.ts';
import { Failures } from '../../sweeps/node/failures.ts';
import { type PlanFile, readPlan } from '../../sweeps/node/plan-file.ts';
import { awaitKill, requeueThisTask, restartsOfThisTask } from '../../sweeps/node/slurm.ts';
import { taskNumber } from '../../sweeps/task-number.ts';
import { exitCodes, interruptSignal } from '../failure.ts';
import * as options from '../options.ts';
import { print } from '../output.ts';
import { requireSameCircumstances } from './planned-circumstances.ts';
import { cellsProgress } from '../reproduce/cells-progress.ts';
import { createProgressLine } from '../progress.ts';
import { runDatasets } from '../run-datasets.ts';
import { requestedJobs } from './sweep-request.ts';

interface WorkerOptions {
  readonly task?: number;
  readonly data?: string;
}

/** A cell whose engine fails is begun again twice, each time from its newest checkpoint; then it is marked. */
const TRIES = 3;
/** A host that does not compute right hands its task on; a task that has met so many gives up. */
const MOST_RESTARTS = 3;

export function workerCommand(): Command {
  return new Command('worker')
    .summary('do one task of a sweep')
    .description(
      'Does one task of a plan of `normscope sweep`: those of its cells that are not there yet, each from the newest ' +
        'checkpoint that any machine has left. On SIGTERM it saves and ends; on SIGUSR1 it saves and has Slurm queue the ' +
        'task again. A cell that fails three times is marked, and the others go on.',
    )
    .argument('<plan>', 'the plan, plan.json or its folder')
    .addOption(
      new Option(
        '--task <n>',
        'counted from 0 (default: as Slurm, an indexed job of Kubernetes, AWS Batch or GNU parallel tells it)',
      ).argParser(options.wholeNumber(0)),
    )
    .addOption(options.dataOption())
    .addHelpText('after', '\nExamples:\n  $ normscope worker runs/sweep-mlp --task 0\n')
    .action(worker);
}

async function worker(word: string, { task: asked, data }: WorkerOptions): Promise<void> {
  const file = readPlan(word);
  const { plan, folder } = file;
  const task = asked ?? taskNumber(process.env);
  if (task === undefined) throw new SettingError('worker must be told its task; add --task N, counted from 0');
  const numbers = plan.tasks[task];
  if (numbers === undefined)
    throw new SettingError(`${word} has tasks 0 to ${plan.tasks.length - 1}, got ${task}; choose one of them`);
  requireSameCircumstances(word, plan.fixed);
  const stop = stopSignal();
  await requireRightHost(file);
  const datasets = runDatasets(data ?? plan.data, stop.signal);
  const circumstances = circumstancesOf(plan.fixed.device, datasets.checksum);
  const all = await requestedJobs(plan.request, datasets.load);
  const jobs = numbers.map((number) => plannedJob(file, all, number, circumstances));
  const failures = Failures.ofCells(folder);
  for (const { hash } of numbers.flatMap((number) => plan.jobs[number]?.cells ?? [])) failures.forget(hash);
  print(`Task ${task} of ${plan.tasks.length} on ${hostname()}: ${counted(jobs.length, 'job')}`);
  try {
    const failed = await work(
      { jobs, circumstances, root: file.cells, dataset: datasets.load, signal: stop.signal },
      plan.parallel,
    );
    for (const { hash, name, error } of failed) failures.note(hash, name, error);
    if (failed.length === 0) print(`Task ${task} is done`);
    else {
      const { name, error } = failed[0] ?? { name: '', error: '' };
      process.stderr.write(
        `normscope: ${counted(failed.length, 'cell')} of task ${task} failed, first ${name}: ${messageOf(error)}; ` +
          `normscope submit ${folder} tries again\n`,
      );
      process.exitCode = exitCodes.failed;
    }
  } catch (error) {
    if (error instanceof InterruptedError && stop.isToBeRequeued()) {
      print(`Task ${task} is saved, and queued again`);
      requeueThisTask();
      return;
    }
    if (error instanceof InterruptedError) {
      print(`Task ${task} is saved`);
      await awaitKill();
    }
    throw error;
  }
}

interface FailedCell {
  readonly hash: string;
  readonly name: string;
  readonly error: unknown;
}

async function work(
  request: Omit<CellsRequest, 'parallel' | 'onProgress'>,
  parallel: number,
): Promise<readonly FailedCell[]> {
  const line = createProgressLine();
  const outcomes = await runCells({
    ...request,
    parallel,
    tries: TRIES,
    onProgress: cellsProgress(line),
  }).finally(() => line.done());
  return outcomes.flatMap(({ cell, hash, finished, error }) =>
    finished === undefined ? [{ hash, name: cellText(cell), error }] : [],
  );
}

/** A job of the plan with all probes that the plan wants of its cells. @throws {SettingError} where it is another here. */
function plannedJob(
  { path, plan }: PlanFile,
  all: readonly CellJob[],
  number: number,
  circumstances: CellsRequest['circumstances'],
): CellJob {
  const [planned, job] = [plan.jobs[number], all[number]];
  if (planned === undefined || job === undefined || planned.cells.length !== job.cells.length) {
    throw new SettingError(`Job ${number} of ${path} must be the same wherever the plan is read; plan the sweep anew`);
  }
  const cells = job.cells.map((cell, i) => {
    const { hash, probes = 0 } = planned.cells[i] ?? {};
    const here = cellHash(cell, circumstances);
    if (here === hash) return { ...cell, probes: plan.probes[probes] ?? [] };
    throw new SettingError(
      `Cell ${cellText(cell)} must be ${hash}, as planned, got ${here} here; plan the sweep anew with this code`,
    );
  });
  return { ...job, cells };
}

/** Hands the task on, and names the host, where it does not compute what float64 does. */
async function requireRightHost({ folder, plan }: PlanFile): Promise<void> {
  const check = await inOneThread(nodeDevice, (open) => checkLowering(plan.fixed.device, open));
  if (check.passed) return;
  const host = hostname();
  const fault = new NumericError(
    `${host} must compute what float64 does, got lowering ${faultText(check)}; ` +
      `keep it out: --sbatch --exclude=${host}, or a line less in the file of hosts`,
  );
  Failures.ofHosts(folder).note(host, host, fault);
  if (restartsOfThisTask() < MOST_RESTARTS) requeueThisTask();
  throw fault;
}

/** Ends the work at a step: for good, or with the task queued again where Slurm has told of the time limit. */
function stopSignal(): { readonly signal: AbortSignal; readonly isToBeRequeued: () => boolean } {
  const ended = interruptSignal('what is done is kept, and normscope submit has the rest done');
  const limit = new AbortController();
  process.on('SIGUSR1', () => {
    print('The time limit is near: saving');
    limit.abort(new InterruptedError('Stopped before the time limit'));
  });
  return {
    signal: AbortSignal.any([ended, limit.signal]),
    isToBeRequeued: () => limit.signal.aborted && !ended.aborted,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
