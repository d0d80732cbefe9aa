/** @file `cell.json`: what a cell is, what it holds, and whether it is whole. */
import fs from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { DataError } from '../../errors.ts';
import { readJson, writeJson } from './atomic.ts';
import type { JsonObject } from '../canonical-json.ts';
import type { HeldProbe, LogMark } from '../cell.ts';
import { isMissing, withStorageErrors } from './storage-errors.ts';

/** The content of `cell.json`. */
export interface CellDescription {
  readonly hash: string;
  readonly config: JsonObject;
  readonly probes: readonly HeldProbe[];
  /** Set when the cell is whole: its records' length and checksum, and what the training came to. */
  readonly finished?: LogMark & { readonly summary: JsonObject };
}

const jsonObject = z.record(z.string(), z.json());

const storedSchema = z.object({
  status: z.literal(['running', 'finished']),
  hash: z.string(),
  config: jsonObject,
  probes: z.array(z.strictObject({ name: z.string(), settings: jsonObject })),
  recordsBytes: z.int().nonnegative().exactOptional(),
  recordsCrc32: z.string().exactOptional(),
  summary: jsonObject.exactOptional(),
});

/** Writes a folder's `cell.json` atomically. @throws {StorageError} where the disk refuses. */
export function writeDescription(folder: string, description: CellDescription): void {
  const { finished, ...rest } = description;
  writeJson(join(folder, 'cell.json'), {
    status: finished === undefined ? 'running' : 'finished',
    ...rest,
    probes: description.probes.map(({ name, settings }) => ({ name, settings })),
    ...finished,
  });
}

/** A folder's `cell.json`; undefined where there is none, or it is damaged: such a folder is no cell. */
export function maybeDescription(folder: string): CellDescription | undefined {
  let json: unknown;
  try {
    json = readJson(join(folder, 'cell.json'));
  } catch (error) {
    // Not there, or taken away since the folder was listed.
    if (error instanceof DataError || isMissing(error)) return undefined;
    throw error;
  }
  const read = storedSchema.safeParse(json);
  if (!read.success) return undefined;
  const { status, hash, config, probes, recordsBytes, recordsCrc32, summary } = read.data;
  if (status === 'running') return { hash, config, probes };
  if (recordsBytes === undefined || recordsCrc32 === undefined || summary === undefined) return undefined;
  return { hash, config, probes, finished: { recordsBytes, recordsCrc32, summary } };
}

/** A description of a cell that is whole. */
export type WholeDescription = CellDescription & Required<Pick<CellDescription, 'finished'>>;

/** A folder's description where its cell is whole: finished, and with all the records that it finished with. */
export function maybeWhole(folder: string): WholeDescription | undefined {
  const description = maybeDescription(folder);
  if (description?.finished === undefined) return undefined;
  const records = maybeSize(join(folder, 'records.jsonl'));
  return records === description.finished.recordsBytes ? { ...description, finished: description.finished } : undefined;
}

/** The size of a file once it is open: a network file system asks its server again then, and not for a mere look. */
function maybeSize(path: string): number | undefined {
  let file: number;
  try {
    file = withStorageErrors('open', path, () => fs.openSync(path, 'r'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return fs.fstatSync(file).size;
  } finally {
    fs.closeSync(file);
  }
}
