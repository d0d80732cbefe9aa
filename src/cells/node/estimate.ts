/** @file How long jobs will take on this machine, from a little of each kind of work timed now. */

import type { CellJob, Pace } from '../job.ts';
import { benchOf, type CellsRequest, isFinished } from './run-cells.ts';

type EstimateRequest = Omit<CellsRequest, 'onProgress'>;

/** Seconds for all cells that are missing, at `parallel` jobs at once, and bytes on disk. */
export async function estimateSeconds(
  request: EstimateRequest,
): Promise<{ readonly seconds: number; readonly bytes: number }> {
  const { jobs, circumstances, root, parallel } = request;
  const paces = new Map<string, Awaited<ReturnType<Pace['measure']>>>();
  let [seconds, bytes] = [0, 0];
  for (const job of jobs) {
    const missing = job.cells.filter((cell) => !isFinished(cell, circumstances, root));
    if (missing.length === 0) continue;
    const cost = missing.reduce((sum, cell) => sum + cell.cost(cell.probes), 0);
    const pace = await paceOf(job, request, paces);
    seconds += (pace.seconds * cost) / parallel;
    bytes += pace.bytes * missing.length;
  }
  return { seconds, bytes };
}

async function paceOf(
  job: CellJob,
  request: EstimateRequest,
  known: Map<string, Awaited<ReturnType<Pace['measure']>>>,
): Promise<{ readonly seconds: number; readonly bytes: number }> {
  const { pace } = job;
  const found = known.get(pace.key) ?? (await pace.measure(benchOf(request, job), request.parallel));
  known.set(pace.key, found);
  return found;
}
