/**
 * @file A sweep of tiny trainings, as its owner and an onlooker see it: what its verbs say, its cells beside those of a sweep
 * that nothing has disturbed, the logs of its tasks, and workers that are stopped in the middle of a cell.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { need } from '../../src/errors.ts';
import { attemptFolders, generations } from '../../src/records/node/cell-place.ts';
import { checkpointPaths } from '../../src/records/node/checkpoint.ts';
import { type Maker, maybeMaker } from '../../src/records/node/maker.ts';
import { readPlan, sweepFiles } from '../../src/sweeps/node/plan-file.ts';
import { submissionsOf } from '../../src/sweeps/node/slurm.ts';
import type { Ending, Place } from '../e2e/command-line.ts';
import { filesOf } from '../files-of.ts';
import type { Cluster } from './cluster.ts';
import type { Environment } from './commands.ts';

/** Where a cell of a kind of its own is made in a second or two; a task each unless `--workers` says otherwise. */
const TINY = 'sweep mlp --norm batch --batch 16 --width 0.1 --lowering portable --task-minutes 1e-9 --out grid';

/** A worker that does not move. */
export interface HeldWorker {
  readonly node: string;
  /** As numbered outside of its machine. */
  readonly process: number;
  readonly maker: Maker;
  /** Of the newest checkpoint. */
  readonly step: number;
}

export class Sweep {
  readonly #place: Place;
  readonly #environment: Environment;
  readonly #undisturbed: string;
  /** Where the verbs are given. */
  readonly cwd: string;
  /** The folder of the sweep. */
  readonly folder: string;

  constructor(place: Place, environment: Environment) {
    [this.#place, this.#environment] = [place, environment];
    this.#undisturbed = place.newFolder();
    this.cwd = place.newFolder();
    this.folder = join(this.cwd, 'grid');
  }

  /** Does the cells of a grid undisturbed elsewhere, then plans and submits them here. @returns what was said here */
  async begin(grid: string, on: readonly string[]): Promise<Ending> {
    const words = [...TINY.split(' '), ...grid.split(' ')];
    const [alone, submitted] = await this.#place.runEach(
      [
        { cwd: this.#undisturbed, args: [...words, '--on', 'here', '--workers', '1', '--task-minutes', '9'] },
        { cwd: this.cwd, args: [...words, ...on] },
      ],
      { isSynthetic: true, env: this.#environment },
    );
    if (alone?.code !== 0) throw new Error(`The sweep that nothing disturbs must end with 0, got ${alone?.stderr}`);
    return need(submitted, 'what the sweep said');
  }

  /** What several verbs of the sweep say, one after the other: `verbs('status', 'submit')`. */
  verbs(...names: readonly string[]): Promise<readonly Ending[]> {
    const calls = names.map((name) => ({ cwd: this.cwd, args: [name, 'grid'] }));
    return this.#place.runEach(calls, { isSynthetic: true, env: this.#environment });
  }

  /** The numbers of the arrays that were submitted. */
  get arrays(): readonly string[] {
    return submissionsOf(this.folder).map(({ job }) => job);
  }

  /** The hashes of the cells of a task. */
  cellsOf(task: number): readonly string[] {
    const { tasks, jobs } = readPlan(this.folder).plan;
    return (tasks[task] ?? []).flatMap((job) => jobs[job]?.cells.map(({ hash }) => hash) ?? []);
  }

  /** What tasks of an array have printed. */
  log(array: string, task: number): string {
    const path = join(this.folder, sweepFiles.logs, `${array}_${task}.log`);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Every file of every cell by its digest, as it lies there, and as it does where nothing disturbs. */
  get bytes(): { readonly here: Record<string, string>; readonly undisturbed: Record<string, string> } {
    return { here: filesOf(this.cells), undisturbed: filesOf(join(this.#undisturbed, 'runs/cells')) };
  }

  get cells(): string {
    return join(this.cwd, 'runs/cells');
  }

  /** Who has made a cell; undefined where it is not whole. */
  makerOf(hash: string): Maker | undefined {
    const [made] = generations(join(this.cells, hash));
    return made === undefined ? undefined : maybeMaker(made.folder);
  }

  /** Stops a worker that is in the middle of a cell, behind a checkpoint of its own; no other process with it. */
  held(cluster: Cluster, hash: string): Promise<HeldWorker> {
    return cluster.until(`a worker to be in the middle of ${hash}`, () => {
      for (const folder of attemptFolders(join(this.cells, hash))) {
        const [maker, newest] = [maybeMaker(folder), checkpointPaths(folder)[0]];
        if (maker === undefined || maker.isStopped === true || newest === undefined) continue;
        const worker = cluster.processes(maker.host).find((id) => isWorker(id, maker.pid));
        if (worker === undefined) continue;
        process.kill(worker, 'SIGSTOP');
        return { node: maker.host, process: worker, maker, step: newest.step };
      }
      return undefined;
    });
  }
}

/** Whether a process is a worker with this number inside of its machine. */
function isWorker(id: number, inside: number): boolean {
  try {
    const numbers = /^NSpid:(.*)$/m
      .exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]
      ?.trim()
      .split(/\s+/);
    return Number(numbers?.at(-1)) === inside && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('\0worker\0');
  } catch {
    return false;
  }
}
