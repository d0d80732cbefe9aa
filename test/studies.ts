/** @file Studies without the runner: their measurements on a device of their own, and decisions on made-up records. */

import { openLaboratory, type Laboratory } from '../src/cells/laboratory.ts';
import type { CellWriter, FinishedCell } from '../src/records/cell.ts';
import { RecordEncoder } from '../src/records/record-lines.ts';
import type { StepRecord } from '../src/records/record.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import type { StudyPlan } from '../src/studies/study.ts';
import { device } from './tiny-training.ts';

/** A laboratory in this thread, ready at once; to be closed by whoever opens it. */
export function threadlessLaboratory(): ReturnType<typeof openLaboratory> {
  return openLaboratory(threadlessDevice, 1, () => undefined);
}

/** What a measurement gives, in this thread. */
export async function inLaboratory<T>(measure: (laboratory: Laboratory) => Promise<T>): Promise<T> {
  const laboratory = threadlessLaboratory();
  try {
    return await measure(laboratory);
  } finally {
    await laboratory.close();
  }
}

/** A record of a training, made up; its name stands for its definition. */
export function recordOf(quantity: string, step: number, value: number, at?: number): StepRecord {
  return { step, quantity, value, definition: quantity, mode: 'train', ...(at !== undefined && { at }) };
}

/** A finished cell that holds these records, and nothing else. */
export function cellOf(records: readonly StepRecord[]): FinishedCell {
  return {
    hash: '',
    folder: '',
    config: {},
    probes: [],
    summary: {},
    holds: () => true,
    records: () => [...records],
    allRecords: () => [...records],
    checkpoint: () => undefined,
  };
}

/** The cells of a plan that only measures, in its order, measured here and now; each record must be told from all others. */
export async function measuredCells({ jobs }: StudyPlan): Promise<readonly FinishedCell[]> {
  const finished: FinishedCell[] = [];
  for (const job of jobs) {
    const made = job.cells.map((cell) => ({ cell, records: [] as StepRecord[] }));
    const missing = made.map(({ cell, records }) => ({ cell, work: writingTo(records) }));
    await job.run({ device, openDevice: threadlessDevice, dataset: noDataset, report: () => undefined }, missing);
    finished.push(...made.map(({ records }) => cellOf(records)));
  }
  return finished;
}

function writingTo(records: StepRecord[]): CellWriter {
  const encoder = new RecordEncoder();
  return {
    probes: [],
    resumeFrom: undefined,
    append: (more) => {
      encoder.encode(more);
      records.push(...more);
    },
    saveCheckpoint: () => undefined,
  };
}

async function noDataset(): Promise<never> {
  throw new RangeError('A study that only measures must ask for no data set');
}
