/** @file Makes a plan of jobs: names their cells, estimates what is missing, and cuts it into tasks. */

import type { CellJob } from '../../cells/job.ts';
import { cellHash, cellText } from '../../cells/job.ts';
import { Estimates } from '../../cells/node/estimate.ts';
import { type CellsRequest, probesByHash } from '../../cells/node/run-cells.ts';
import { canonicalJson } from '../../records/canonical-json.ts';
import { type HeldProbe, sortedProbes } from '../../records/cell.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import { taperedChunks } from '../chunks.ts';
import type { Plan, PlannedJob } from '../plan.ts';

export interface PlanningRequest extends Omit<CellsRequest, 'parallel' | 'onProgress'> {
  readonly workers: number;
  /** Cells at once in a task. */
  readonly parallel: number;
  /** Cells at once on this machine, while it tries how long they take. */
  readonly tried: number;
  /** The least that a task is worth starting for, in seconds of its own. */
  readonly floorSeconds: number;
}

/** The parts of a plan that are made of its jobs; `parallel` cells of a task share its time. */
export async function planJobs(request: PlanningRequest): Promise<Pick<Plan, 'probes' | 'jobs' | 'tasks' | 'bytes'>> {
  const { jobs, circumstances, root, workers, parallel, floorSeconds } = request;
  const held = probesByHash(jobs, circumstances);
  const sets = new ProbeSets();
  const estimates = new Estimates();
  const covered = new Set<string>();
  const planned: PlannedJob[] = [];
  const missing: number[] = [];
  for (const [index, job] of jobs.entries()) {
    request.signal?.throwIfAborted();
    const cells = job.cells.map((cell) => {
      const hash = cellHash(cell, circumstances);
      return { hash, probes: sets.numberOf(held.get(hash) ?? []) };
    });
    // What an earlier job makes, with the probes of both, this one finds.
    const own = cells.filter(({ hash }) => !covered.has(hash));
    for (const { hash } of own) covered.add(hash);
    const isMissing = own.some(
      ({ hash, probes }) => openCell(root, hash).maybeFinished(sets.all[probes] ?? []) === undefined,
    );
    const seconds = isMissing ? await secondsOf(job, request, estimates, held) : 0;
    if (isMissing) missing.push(index);
    planned.push({ name: job.cells.map(cellText).join('; '), cells, seconds });
  }
  const seconds = missing.map((index) => (planned[index]?.seconds ?? 0) / parallel);
  const tasks = taperedChunks(seconds, { workers, floorSeconds }).map((chunk) =>
    chunk.flatMap((position) => missing[position] ?? []),
  );
  return { probes: sets.all, jobs: planned, tasks, bytes: estimates.all.bytes };
}

/** With one network at a time, as far as cores allow the trial to tell. */
async function secondsOf(
  job: CellJob,
  { workers: _workers, tried, ...request }: PlanningRequest,
  estimates: Estimates,
  held: ReadonlyMap<string, readonly HeldProbe[]>,
): Promise<number> {
  const cells = job.cells.map((cell) => ({ ...cell, probes: held.get(cellHash(cell, request.circumstances)) ?? [] }));
  const { seconds } = await estimates.of({ ...request, jobs: [{ ...job, cells }], parallel: tried });
  return Number((tried * seconds).toPrecision(4));
}

/** Sets of probes by number: thousands of cells share a few. */
class ProbeSets {
  readonly all: (readonly HeldProbe[])[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(probes: readonly HeldProbe[]): number {
    const sorted = sortedProbes(probes);
    const key = canonicalJson(sorted.map(({ name, settings }) => ({ name, settings })));
    const known = this.#numbers.get(key) ?? this.all.length;
    if (known === this.all.length) {
      this.all.push(sorted);
      this.#numbers.set(key, known);
    }
    return known;
  }
}
