/** @file How long jobs will take on this machine, from a little of each kind of work timed now. */

import { type CellJob, cellHash, type Pace } from '../job.ts';
import { benchOf, type CellsRequest, isFinished } from './run-cells.ts';

type EstimateRequest = Omit<CellsRequest, 'onProgress'>;

/** What cells take: seconds at `parallel` jobs at once, and bytes on disk. */
export interface Estimate {
  readonly seconds: number;
  readonly bytes: number;
}

/** Estimates of several requests: a kind of work is timed once, and what they share is counted once in their sum. */
export class Estimates {
  readonly #paces = new Map<string, Awaited<ReturnType<Pace['measure']>>>();
  readonly #cells = new Map<string, Estimate>();

  /** Of all cells of a request that are missing. */
  async of(request: EstimateRequest): Promise<Estimate> {
    const { jobs, circumstances, root, parallel } = request;
    const found: Estimate[] = [];
    for (const job of jobs) {
      const missing = job.cells.filter((cell) => !isFinished(cell, circumstances, root));
      if (missing.length === 0) continue;
      const pace = await this.paceOf(job, request);
      for (const cell of missing) {
        const estimate = { seconds: (pace.seconds * cell.cost(cell.probes)) / parallel, bytes: pace.bytes };
        const hash = cellHash(cell, circumstances);
        const known = this.#cells.get(hash);
        // Whoever asks for the most probes makes the cell for all.
        if (known === undefined || known.seconds < estimate.seconds) this.#cells.set(hash, estimate);
        found.push(estimate);
      }
    }
    return sumOf(found);
  }

  /** Of all requests together. */
  get all(): Estimate {
    return sumOf([...this.#cells.values()]);
  }

  /** Of a unit of a job's cost, and of the disk for a cell. */
  async paceOf(job: CellJob, request: EstimateRequest): Promise<Estimate> {
    const { pace } = job;
    const found = this.#paces.get(pace.key) ?? (await pace.measure(benchOf(request, job), request.parallel));
    this.#paces.set(pace.key, found);
    return found;
  }
}

function sumOf(estimates: readonly Estimate[]): Estimate {
  return {
    seconds: estimates.reduce((sum, { seconds }) => sum + seconds, 0),
    bytes: estimates.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
