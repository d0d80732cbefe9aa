/**
 * @file What lies in the folder of a cell, `<root>/<hash>/`: `generation-<probes>/` for each that is whole, and
 * `attempt-<host>-<process>-<digits>/` for each that is, or was, worked on. Both hold `cell.json`, `attempt.json`,
 * `records.jsonl` and `checkpoints/step-<n>.safetensors`. A listing may be out of date: what it names may be gone.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { type HeldProbe, holdsProbes, sortedProbes } from '../cell.ts';
import { hashJson } from '../hash.ts';
import { listFolder } from './atomic.ts';
import { maybeWhole, type WholeDescription } from './cell-description.ts';
import { withStorageErrors } from './storage-errors.ts';

const GENERATION = 'generation-';
const ATTEMPT = 'attempt-';

/** A cell that is whole, with the probes that it was run with. */
export interface Generation {
  readonly folder: string;
  readonly description: WholeDescription;
}

/** All that are whole. */
export function generations(place: string): readonly Generation[] {
  return foldersOf(place, GENERATION).flatMap((folder) => {
    const description = maybeWhole(folder);
    return description === undefined ? [] : [{ folder, description }];
  });
}

/** One that holds all these probes. That with no other is looked for by its name, which a listing may not tell yet. */
export function findGeneration(place: string, probes: readonly HeldProbe[]): Generation | undefined {
  const folder = generationFolder(place, probes);
  const description = maybeWhole(folder);
  if (description !== undefined) return { folder, description };
  return generations(place).find((found) => holdsProbes(found.description.probes, probes));
}

/** Where the generation with these probes is, or will be: the same for all who make it. */
export function generationFolder(place: string, probes: readonly HeldProbe[]): string {
  return join(place, `${GENERATION}${hashJson(sortedProbes(probes)).slice(0, 8)}`);
}

export function attemptFolders(place: string): readonly string[] {
  return foldersOf(place, ATTEMPT);
}

export function attemptFolder(place: string, attempt: string): string {
  return join(place, `${ATTEMPT}${attempt}`);
}

/** Deletes a folder of a cell, and that of the cell with the last of them. */
export function removeFolder(folder: string): void {
  // Whoever still writes into it may do so between the listing of it and its end.
  withStorageErrors('delete', folder, () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  try {
    fs.rmdirSync(join(folder, '..'));
  } catch {
    // Others are in it.
  }
}

function foldersOf(place: string, prefix: string): readonly string[] {
  return listFolder(place).flatMap((name) => (name.startsWith(prefix) ? [join(place, name)] : []));
}
