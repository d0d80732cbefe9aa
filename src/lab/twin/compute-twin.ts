/** @file Computes all cells of a study where there is no disk: the study's own jobs, whose records are kept in memory. */

import type { CellJob, Making } from '../../cells/job.ts';
import { DataError } from '../../errors.ts';
import type { StepRecord } from '../../records/record.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import type { StudyPlan } from '../../studies/study.ts';
import { withSteadyMath } from './steady-math.ts';

/** How far it is: parts of a cell done of all of them, and cells. */
export interface TwinProgress {
  readonly cells: number;
  readonly allCells: number;
  /** Of the cell that is being computed, from 0 to 1. */
  readonly part: number;
}

/** The records of each cell of a study, in the order of its jobs. */
export type TwinRecords = readonly (readonly StepRecord[])[];

/**
 * One thread, functions of mathematics that are the same in every engine, and the lowerings that the laboratory takes (`reference` for float64, `portable` for float32): what every processor has.
 * @param openDevice - starts devices on ONNX Runtime in WebAssembly
 * @throws {DataError} where a job needs a data set
 * @throws {InterruptedError} by way of the signal's reason
 */
export async function computeTwin(
  { jobs }: Pick<StudyPlan, 'jobs'>,
  openDevice: OpenDevice,
  report: (progress: TwinProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<TwinRecords> {
  const allCells = jobs.reduce((sum, job) => sum + job.cells.length, 0);
  const cells: (readonly StepRecord[])[] = [];
  return withSteadyMath(async () => {
    for (const job of jobs) {
      report({ cells: cells.length, allCells, part: 0 });
      const say = (part: number): void => report({ cells: cells.length, allCells, part });
      cells.push(...(await recordsOf(job, openDevice, say, signal)));
    }
    return cells;
  });
}

async function recordsOf(
  job: CellJob,
  openDevice: OpenDevice,
  say: (part: number) => void,
  signal: AbortSignal | undefined,
): Promise<TwinRecords> {
  const kept = job.cells.map((cell) => ({ cell, records: [] as StepRecord[] }));
  const bench = {
    device: { lowering: 'portable', threads: 1 },
    openDevice,
    dataset: async () => {
      throw new DataError(`A twin must need no data set, got a job that needs ${job.dataset ?? 'one'}`);
    },
    report: ({ step, steps }: { readonly step: number; readonly steps: number }) => say(steps > 0 ? step / steps : 0),
    signal,
  } as const;
  await job.run(
    bench,
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
