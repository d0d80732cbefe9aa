/** @file How far a sweep is, by what lies in the folder of cells: nothing else keeps count. */

import fs from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../../records/node/atomic.ts';
import { attemptFolders, generationFolder } from '../../records/node/cell-place.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import { maybeMaker } from '../../records/node/maker.ts';
import { Failures } from './failures.ts';
import type { PlanFile } from './plan-file.ts';

/** `begun`: some attempt at it lies there, whether its process lives or not. */
export type PlannedState = 'finished' | 'begun' | 'failed' | 'missing';

export interface SweepState {
  /** Of every cell of every job, in their order. */
  readonly cells: readonly { readonly hash: string; readonly job: number; readonly state: PlannedState }[];
  /** Tasks that have a cell which is not finished. */
  readonly openTasks: readonly number[];
}

/** Looks at every cell of a plan: some tens of microseconds each. */
export function sweepState({ plan, folder, cells: root }: PlanFile): SweepState {
  const there = new Set(listFolder(root));
  const failed = new Set(Failures.ofCells(folder).keys);
  const known = new Map<string, PlannedState>();
  const stateOf = (hash: string, probes: number): PlannedState => {
    const key = `${hash} ${probes}`;
    const state = known.get(key) ?? look(hash, probes);
    known.set(key, state);
    return state;
  };
  const look = (hash: string, probes: number): PlannedState => {
    const set = plan.probes[probes] ?? [];
    if (there.has(hash) && isPublished(root, hash, set)) return 'finished';
    if (failed.has(hash)) return 'failed';
    return there.has(hash) && attemptFolders(join(root, hash)).length > 0 ? 'begun' : 'missing';
  };
  const cells = plan.jobs.flatMap((job, index) =>
    job.cells.map(({ hash, probes }) => ({ hash, job: index, state: stateOf(hash, probes) })),
  );
  const open = new Set(cells.flatMap(({ job, state }) => (state === 'finished' ? [] : [job])));
  return {
    cells,
    openTasks: plan.tasks.flatMap((jobs, task) => (jobs.some((job) => open.has(job)) ? [task] : [])),
  };
}

/** Hosts by how many of the begun cells each works on, or did when it was stopped. */
export function hostsAtWork({ cells: root }: PlanFile, { cells }: SweepState): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { hash, state } of cells) {
    if (state !== 'begun') continue;
    for (const attempt of attemptFolders(join(root, hash))) {
      const host = maybeMaker(attempt)?.host;
      if (host !== undefined) counts.set(host, (counts.get(host) ?? 0) + 1);
    }
  }
  return counts;
}

/** A generation is published by one rename, whole; that which holds more probes is found by reading. */
function isPublished(root: string, hash: string, probes: PlanFile['plan']['probes'][number]): boolean {
  if (fs.existsSync(join(generationFolder(join(root, hash), probes), 'cell.json'))) return true;
  return openCell(root, hash).maybeFinished(probes) !== undefined;
}
