/** @file Computes the cells of a twin where there is no disk: by the study's own jobs, whose records are kept in memory. */

import type { CellJob, Making, Workbench } from '../../cells/job.ts';
import type { Dataset } from '../../data/dataset.ts';
import { DataError } from '../../errors.ts';
import type { StepRecord } from '../../records/record.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { givingWay } from './giving-way.ts';
import { withSteadyMath } from './steady-math.ts';
import type { TwinJob, TwinPart } from './twin-jobs.ts';

/** How far it is: parts of a cell done of all of them, and cells. */
export interface TwinProgress {
  readonly cells: number;
  readonly allCells: number;
  /** Of the cell that is being computed, from 0 to 1. */
  readonly part: number;
}

/** The records of each cell of a twin, in the order of its jobs. */
export type TwinRecords = readonly (readonly StepRecord[])[];

/** Where a twin is computed. */
export interface TwinBench {
  /** Starts devices on ONNX Runtime in WebAssembly, in this thread: random numbers are drawn where the functions of mathematics were replaced. */
  readonly openDevice: OpenDevice;
  /** What the study trains on; not needed for one that only measures. */
  readonly dataset?: Dataset | undefined;
  readonly report?: ((progress: TwinProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One thread, functions of mathematics that are the same in every engine, and the lowerings that the laboratory takes (`reference` for float64, `portable` for float32): what every processor has.
 * @throws {DataError} where a job needs a data set, and there is none
 * @throws {InterruptedError} by way of the signal's reason
 */
export async function computeTwin({ jobs }: Pick<TwinPart, 'jobs'>, bench: TwinBench): Promise<TwinRecords> {
  const allCells = jobs.reduce((sum, { cells }) => sum + cells.length, 0);
  const made: (readonly StepRecord[])[] = [];
  return withSteadyMath(async () => {
    for (const asked of jobs) {
      const say = (part: number): void => bench.report?.({ cells: made.length, allCells, part });
      say(0);
      made.push(...(await recordsOf(asked, twinWorkbench(asked.job, bench, say))));
    }
    return made;
  });
}

/** Where a job of a twin is done. @param say - told which part of it is done */
export function twinWorkbench(
  { dataset: name = '' }: Pick<CellJob, 'dataset'>,
  { openDevice, dataset, signal }: TwinBench,
  say: (part: number) => void = () => undefined,
): Workbench {
  return {
    device: { lowering: 'portable', threads: 1 },
    openDevice: givingWay(openDevice),
    dataset: async () => {
      if (dataset !== undefined) return dataset;
      throw new DataError(`A twin that trains must be given its data set, got none where ${name} is needed`);
    },
    report: ({ step, steps }) => say(steps > 0 ? step / steps : 0),
    signal,
  };
}

async function recordsOf({ job, cells }: TwinJob, workbench: Workbench): Promise<TwinRecords> {
  const kept = cells.map((cell) => ({ cell, records: [] as StepRecord[] }));
  await job.run(
    workbench,
    kept.map(({ cell, records }) => ({ cell, work: inMemory(cell.probes, records) })),
  );
  return kept.map(({ records }) => records);
}

/** Keeps records; there is nothing to go on from, and nothing that could be gone on with. */
function inMemory(probes: Making['work']['probes'], records: StepRecord[]): Making['work'] {
  return {
    probes,
    resumeFrom: undefined,
    append: (more) => void records.push(...more),
    saveCheckpoint: () => undefined,
  };
}
