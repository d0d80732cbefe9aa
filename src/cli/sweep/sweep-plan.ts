/** @file From the options of a sweep to its plan, and the folder that it is written to. */

import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { circumstancesOf } from '../../cells/node/versions.ts';
import { SettingError, StorageError } from '../../errors.ts';
import { models } from '../../models/index.ts';
import { plainJson } from '../../records/canonical-json.ts';
import { makeFolder, writeFileAtomic } from '../../records/node/atomic.ts';
import { createRunFolder } from '../../records/node/run-folder.ts';
import type { AskedLowering } from '../../runtime/lowering-choice.ts';
import { planJobs } from '../../sweeps/node/make-plan.ts';
import { isSweep, sweepFiles, writePlan } from '../../sweeps/node/plan-file.ts';
import type { Engine, Plan, SweepRequest } from '../../sweeps/plan.ts';
import { shellWord } from '../../shell-word.ts';
import { slurmScript } from '../../sweeps/slurm-script.ts';
import { cellsRoot, writableRuns } from '../cells-root.ts';
import { type ClaimOptions, plannedStudies } from '../reproduce/chosen-claims.ts';
import { isOnnxFile } from '../run/chosen-network.ts';
import { programWords, workersOf } from './engines.ts';
import * as options from '../options.ts';
import { circumstancesHere } from './planned-circumstances.ts';
import { createProgressLine } from '../progress.ts';
import { runDatasets } from '../run-datasets.ts';
import { requestedJobs } from './sweep-request.ts';
import { givenTrainingOption, sweptWords } from './swept-options.ts';
import { trustedDevice } from '../trusted-device.ts';

export interface SweepOptions extends Omit<ClaimOptions, 'lowering'> {
  readonly on: Engine;
  readonly workers?: number;
  readonly cpus?: number;
  readonly taskMinutes: number;
  readonly sbatch: string;
  readonly lowering?: AskedLowering;
  readonly runs?: string;
  readonly out?: string;
  readonly data?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface MadePlan {
  readonly plan: Plan;
  /** For the folder of the sweep. */
  readonly name: string;
  /** The folder of all cells. */
  readonly root: string;
}

/** @throws {SettingError} for what cannot be run. @throws {DataError} where the data are not to be had. */
export async function planOf(
  words: readonly string[],
  given: SweepOptions,
  command: Command,
  signal: AbortSignal,
): Promise<MadePlan> {
  if (given.taskMinutes <= 0) throw new SettingError(`--task-minutes must be above 0, got ${given.taskMinutes}`);
  if (given.out !== undefined && isSweep(given.out)) {
    throw new StorageError(
      `${given.out} holds a sweep; normscope submit ${given.out} goes on with it, or choose another --out`,
    );
  }
  const lowering = given.lowering ?? (given.on === 'here' ? 'auto' : 'portable');
  const asked = options.deviceFrom({ ...given, lowering });
  const request = requestOf(words, given, command);
  const root = cellsRoot(given);
  const datasets = runDatasets(given.data, signal);
  const { device } = await trustedDevice(asked);
  const jobs = await requestedJobs(request, datasets.load);
  const circumstances = circumstancesOf(device, datasets.checksum);
  const parallel = Math.max(1, Math.floor((given.cpus ?? device.threads) / device.threads));
  const workers = given.workers ?? workersOf(given.on);
  const line = createProgressLine();
  line.begin('planning | naming cells, and timing a few steps of each kind of network');
  const planned = await planJobs({
    jobs,
    circumstances,
    root,
    workers,
    parallel,
    tried: Math.min(parallel, options.defaultParallel(device.threads)),
    floorSeconds: 60 * given.taskMinutes,
    dataset: datasets.load,
    signal,
  }).finally(() => line.done());
  const plan: Plan = {
    format: 1,
    command: `normscope ${['sweep', ...process.argv.slice(3)].map(shellWord).join(' ')}`,
    on: given.on,
    request,
    fixed: circumstancesHere(device, [...new Set(jobs.flatMap(({ dataset }) => dataset ?? []))]),
    cells: resolve(root),
    ...(given.data !== undefined && { data: resolve(given.data) }),
    workers,
    parallel,
    ...planned,
  };
  return { plan, name: words.length === 1 ? `sweep-${words[0]}` : 'sweep', root };
}

/**
 * Writes plan, script and the folder of logs.
 * @returns the path of the plan
 */
export function makeSweep(plan: Plan, name: string, root: string, { out, sbatch }: SweepOptions): string {
  const runs = writableRuns(root);
  const { request, fixed } = plan;
  const run = createRunFolder(runs, name, plainJson({ command: 'sweep', request, device: fixed.device }), {
    out,
    // Of one that was stopped before its plan was written there is nothing yet but the folder.
    resume: out !== undefined,
    cells: root,
  });
  const folder = run.path;
  run.logEvent('planned', { tasks: plan.tasks.length });
  const path = resolve(folder, sweepFiles.plan);
  const logs = resolve(folder, sweepFiles.logs);
  // Slurm opens the files of its tasks before anything of ours runs, and drops what they print where the folder is missing.
  makeFolder(logs);
  const cpusPerTask = plan.parallel * fixed.device.threads;
  const settings = { name, plan: path, logs, program: programWords(), cpusPerTask, extra: sbatch };
  writeFileAtomic(join(folder, sweepFiles.script), slurmScript(settings));
  writePlan(path, { ...plan, cells: relative(dirname(path), plan.cells) });
  return path;
}

/** Claims, or trainings of one network. */
function requestOf(words: readonly string[], given: SweepOptions, command: Command): SweepRequest {
  const model = words.find((word) => Object.hasOwn(models, word) || isOnnxFile(word));
  if (model === undefined) {
    const foreign = givenTrainingOption(command);
    if (foreign !== undefined)
      throw new SettingError(
        `${foreign} is of trainings of a network, and ${words.join(' ')} are claims; leave it out`,
      );
    if (given.seeds !== undefined && given.seeds < 3)
      throw new SettingError(`--seeds must be 3 or more for claims, got ${given.seeds}`);
    const studies = plannedStudies(words, { ...given, lowering: 'auto' }).map(({ study, plan, budget }) => ({
      name: study.name,
      budget,
      protocol: plan.protocol,
      rule: study.rule,
    }));
    return { kind: 'claims', studies };
  }
  if (words.length > 1) throw new SettingError(`A sweep trains one network, got ${words.join(' ')}; make one of each`);
  const foreign = options.givenOption(command, (name) => ['budget', 'tag', 'set'].includes(name));
  if (foreign !== undefined)
    throw new SettingError(`${foreign.long} is of claims, and ${model} is a network; leave it out`);
  const { seeds = 1, firstSeed = 0 } = given;
  const numbers = Array.from({ length: seeds }, (_, i) => firstSeed + i);
  // A file is found from wherever the plan is read.
  const named = isOnnxFile(model) ? resolve(model) : model;
  return { kind: 'trainings', model: named, ...sweptWords(command), seeds: numbers };
}
