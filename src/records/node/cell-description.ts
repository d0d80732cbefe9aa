/** @file `cell.json`: what a cell is, what it holds, and whether it is whole. */
import fs from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../../errors.ts';
import { readJson, writeJson } from './atomic.ts';
import type { JsonObject } from '../canonical-json.ts';
import type { HeldProbe } from '../cell.ts';

/** The content of `cell.json`. */
export interface CellDescription {
  readonly hash: string;
  readonly config: JsonObject;
  readonly probes: readonly HeldProbe[];
  /** Set when the cell is whole: the length of its records in bytes, and what the training came to. */
  readonly finished?: { readonly recordsBytes: number; readonly summary: JsonObject };
}

const jsonObject = z.record(z.string(), z.json());

const storedSchema = z.object({
  status: z.literal(['running', 'finished']),
  hash: z.string(),
  config: jsonObject,
  probes: z.array(z.strictObject({ name: z.string(), settings: jsonObject })),
  recordsBytes: z.int().nonnegative().exactOptional(),
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
  const path = join(folder, 'cell.json');
  if (!fs.existsSync(path)) return undefined;
  let json: unknown;
  try {
    json = readJson(path);
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
  const read = storedSchema.safeParse(json);
  if (!read.success) return undefined;
  const { status, hash, config, probes, recordsBytes, summary } = read.data;
  if (status === 'running') return { hash, config, probes };
  if (recordsBytes === undefined || summary === undefined) return undefined;
  return { hash, config, probes, finished: { recordsBytes, summary } };
}

/** A description of a cell that is whole. */
export type WholeDescription = CellDescription & Required<Pick<CellDescription, 'finished'>>;

/** A folder's description where its cell is whole: finished, and with all the records that it finished with. */
export function maybeWhole(folder: string): WholeDescription | undefined {
  const description = maybeDescription(folder);
  if (description?.finished === undefined) return undefined;
  const records = fs.statSync(join(folder, 'records.jsonl'), { throwIfNoEntry: false });
  return records?.size === description.finished.recordsBytes
    ? { ...description, finished: description.finished }
    : undefined;
}
