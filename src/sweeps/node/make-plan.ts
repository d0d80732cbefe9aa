/** @file Makes a plan of jobs: names their cells, estimates what is missing, and cuts it into tasks. */

import { cellHash, cellText } from '../../cells/job.ts';
import { Estimates } from '../../cells/node/estimate.ts';
import { type CellsRequest, probesByHash } from '../../cells/node/run-cells.ts';
import { canonicalJson } from '../../records/canonical-json.ts';
import { type HeldProbe, sortedProbes } from '../../records/cell.ts';
import { listFolder } from '../../records/node/atomic.ts';
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
  const { jobs, circumstances, root, workers, parallel, tried, floorSeconds } = request;
  const held = probesByHash(jobs, circumstances);
  const sets = new ProbeSets();
  const estimates = new Estimates();
  const there = new Set(listFolder(root));
  const covered = new Set<string>();
  const planned: PlannedJob[] = [];
  const missing: number[] = [];
  let bytes = 0;
  for (const [index, job] of jobs.entries()) {
    request.signal?.throwIfAborted();
    const cells = job.cells.map((cell) => {
      const hash = cellHash(cell, circumstances);
      const probes = held.get(hash) ?? [];
      return { hash, probes, cost: cell.cost(probes) };
    });
    // What an earlier job makes, with the probes of both, this one finds.
    const wanted = cells.filter(
      ({ hash, probes }) =>
        !covered.has(hash) && !(there.has(hash) && openCell(root, hash).maybeFinished(probes) !== undefined),
    );
    for (const { hash } of cells) covered.add(hash);
    let seconds = 0;
    if (wanted.length > 0) {
      const pace = await estimates.paceOf(job, { ...request, parallel: tried });
      // With one network at a time, as far as the trial can tell.
      seconds = Number((pace.seconds * wanted.reduce((sum, { cost }) => sum + cost, 0)).toPrecision(4));
      bytes += pace.bytes * wanted.length;
      missing.push(index);
    }
    planned.push({
      name: job.cells.map(cellText).join('; '),
      cells: cells.map(({ hash, probes }) => ({ hash, probes: sets.numberOf(probes) })),
      seconds,
    });
  }
  const seconds = missing.map((index) => (planned[index]?.seconds ?? 0) / parallel);
  const tasks = taperedChunks(seconds, { workers, floorSeconds }).map((chunk) =>
    chunk.flatMap((position) => missing[position] ?? []),
  );
  return { probes: sets.all, jobs: planned, tasks, bytes };
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
