/** @file A session's snapshot as a checkpoint on disk, and back. */

import { DataError } from '../errors.ts';
import type { Checkpoint, LogMark } from '../records/cell.ts';
import type { StoredTensor } from '../records/safetensors.ts';
import type { Snapshot } from '../train/snapshot.ts';
import type { TrainingSpec } from './training-spec.ts';
import { inFloat64 } from '../runtime/tensor-data.ts';

/** Begins the name of what a readout remembers, which its number ends. */
const REMEMBERED = 'remembered/';

/** What whoever goes on must know of the steps before. */
export interface Course {
  /** The step that ended the training, null where none has. */
  readonly divergedAt: number | null;
  /** The loss of the first mini-batch; undefined before there is one. */
  readonly firstLoss: number | undefined;
}

export function checkpointOf(
  { step, tensors, schedule, learningRate, identity, remembered = new Map() }: Snapshot,
  { divergedAt, firstLoss }: Course,
): Omit<Checkpoint, keyof LogMark> {
  const stored = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of tensors) {
    if (data instanceof Float32Array) stored.set(name, { dtype: 'float32', shape, data });
    else if (data instanceof Float64Array) stored.set(name, { dtype: 'float64', shape, data });
    else throw new DataError(`A checkpoint holds floating-point tensors, got ${data.constructor.name} for '${name}'`);
  }
  for (const [readout, data] of remembered) {
    stored.set(`${REMEMBERED}${readout}`, { dtype: 'float64', shape: [data.length], data });
  }
  const metadata = {
    schedule: JSON.stringify(schedule),
    learningRate: JSON.stringify(learningRate),
    identity,
    ...(divergedAt !== null && { divergedAt: String(divergedAt) }),
    ...(firstLoss !== undefined && { firstLoss: String(firstLoss) }),
  };
  return { step, tensors: stored, metadata };
}

/** @throws {DataError} for a checkpoint that lacks what it must say of itself. */
export function snapshotOf({ step, tensors, metadata }: Checkpoint, { problem, training }: TrainingSpec): Snapshot {
  const said = (key: string): string => {
    const text = metadata[key];
    if (text === undefined)
      throw new DataError(`A checkpoint must state its '${key}', got ${Object.keys(metadata).join(', ')}`);
    return text;
  };
  const rememberedBy = (name: string): number | undefined => {
    const readout = name.startsWith(REMEMBERED) ? name.slice(REMEMBERED.length) : '';
    return /^\d+$/.test(readout) ? Number(readout) : undefined;
  };
  const all = [...tensors];
  return {
    step,
    tensors: new Map(all.filter(([name]) => rememberedBy(name) === undefined)),
    remembered: new Map(
      all.flatMap(([name, { data }]) => {
        const readout = rememberedBy(name);
        return readout === undefined ? [] : [[readout, inFloat64(data)] as const];
      }),
    ),
    schedule: JSON.parse(said('schedule')) as number[],
    learningRate: JSON.parse(said('learningRate')) as number,
    identity: said('identity'),
    about: problem.about,
    optimiser: training.optimiser,
  };
}
