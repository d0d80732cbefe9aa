/** @file A checkpoint: the whole state of a cell at one step, in a safetensors file that other programs can read. */
import fs from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { DataError } from '../../errors.ts';
import { listFolder, writeFileAtomic } from './atomic.ts';
import type { Checkpoint } from '../cell.ts';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.ts';
import type { StoredTensor } from '../safetensors.ts';
import { withStorageErrors } from './storage-errors.ts';

const count = z.string().regex(/^\d+$/).transform(Number);
const ownMetadata = z.object({ step: count, recordsBytes: count, recordsCrc32: z.string(), crc32: z.string() });

/**
 * Writes a checkpoint atomically; equal checkpoints give equal bytes.
 * @throws {StorageError} where the disk refuses.
 * @throws {DataError} where a tensor's shape does not fit its data, or the metadata use a key that is taken.
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const own = {
    step: String(checkpoint.step),
    recordsBytes: String(checkpoint.recordsBytes),
    recordsCrc32: checkpoint.recordsCrc32,
    crc32: checksum(checkpoint.tensors),
  };
  for (const key of Object.keys(own)) {
    if (key in checkpoint.metadata) throw new DataError(`Cannot write ${path}: the metadata key '${key}' is taken`);
  }
  writeFileAtomic(path, encodeSafetensors(checkpoint.tensors, { ...checkpoint.metadata, ...own }));
}

/**
 * Reads a checkpoint and verifies its checksum.
 * @throws {StorageError} where the file is missing or cannot be read.
 * @throws {DataError} where it is truncated, damaged, or not a checkpoint.
 */
export function readCheckpoint(path: string): Checkpoint {
  const bytes = withStorageErrors('read', path, () => fs.readFileSync(path));
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const own = ownMetadata.safeParse(metadata);
  if (!own.success)
    throw new DataError(
      `Cannot read ${path} as a checkpoint: its metadata lack step, recordsBytes, recordsCrc32 or crc32`,
    );
  if (own.data.crc32 !== checksum(tensors)) {
    throw new DataError(`Cannot read ${path}: its tensors do not match their checksum; the file is damaged, delete it`);
  }
  const { step, recordsBytes, recordsCrc32 } = own.data;
  const rest = Object.fromEntries(Object.entries(metadata).filter(([key]) => !(key in own.data)));
  return { step, recordsBytes, recordsCrc32, tensors, metadata: rest };
}

export function checkpointName(step: number): string {
  return `step-${step}.safetensors`;
}

/** The checkpoints of an attempt or of a whole cell, newest first; none where the folder is gone. */
export function checkpointPaths(folder: string): readonly { readonly step: number; readonly path: string }[] {
  const checkpoints = join(folder, 'checkpoints');
  return listFolder(checkpoints)
    .flatMap((name) => {
      const step = /^step-(\d+)\.safetensors$/.exec(name)?.[1];
      return step === undefined ? [] : [{ step: Number(step), path: join(checkpoints, name) }];
    })
    .sort((a, b) => b.step - a.step);
}

/** The newest checkpoint of a folder that is whole; undefined where there is none. Deletes nothing. */
export function newestCheckpoint(folder: string): Checkpoint | undefined {
  for (const { path } of checkpointPaths(folder)) {
    try {
      return readCheckpoint(path);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
  return undefined;
}

/** CRC-32 over names, shapes and data in the order of the names, as 8 hexadecimal digits. */
function checksum(tensors: ReadonlyMap<string, StoredTensor>): string {
  let sum = 0;
  for (const [name, { dtype, shape, data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    sum = crc32(`${name} ${dtype} ${shape.join(',')}\n`, sum);
    sum = crc32(data, sum);
  }
  return sum.toString(16).padStart(8, '0');
}
