/**
 * @file The folder of a cell, `<root>/<hash>/`: `cell.json`, `records.jsonl` and `checkpoints/step-<n>.safetensors`.
 * A cell is worked on in `<root>/<hash>.partial/` and moved into place when whole, so that a cell that runs again with
 * more probes leaves the finished one in use until the new one can replace it. Reading changes nothing on the disk.
 */
import { join } from 'node:path';
import { StorageError } from '../../errors.ts';
import { readRecordLog } from './append-log.ts';
import type { JsonObject } from '../canonical-json.ts';
import { holdsProbes } from '../cell.ts';
import type { FinishedCell, HeldProbe } from '../cell.ts';
import { maybeDescription, maybeWhole } from './cell-description.ts';
import type { WholeDescription } from './cell-description.ts';
import { beginCell, newestCheckpoint } from './cell-work.ts';
import type { CellWork } from './cell-work.ts';

/** `partial`: begun and not finished. */
export type CellState = 'absent' | 'partial' | 'finished';

/** One cell of a root folder, present or not. */
export interface Cell {
  readonly hash: string;
  state(): CellState;
  /** The whole cell; undefined where it is absent or partial. */
  maybeFinished(): FinishedCell | undefined;
  /**
   * Begins the cell, or resumes it from its newest whole checkpoint, holding its lock until the work ends.
   * It will hold the probes asked for and those of the finished cell that it replaces.
   * @throws {StorageError} where another process works on it, or the folder cannot be written.
   */
  begin(config: JsonObject, probes: readonly HeldProbe[]): CellWork;
}

/**
 * The cell of a hash.
 * @param root - the folder of all cells, usually `runs/cells`; created by `begin` where it is missing.
 * @throws {StorageError} where the hash is not hexadecimal, and so no name of a folder of ours.
 */
export function openCell(root: string, hash: string): Cell {
  if (!/^[0-9a-f]{8,64}$/.test(hash)) {
    throw new StorageError(`Cannot open cell '${hash}': a cell is named by 8 to 64 hexadecimal digits`);
  }
  const places = { published: join(root, hash), partial: join(root, `${hash}.partial`) };

  function maybeFinished(): FinishedCell | undefined {
    // A whole partial folder is newer: its process was killed just before moving it into place.
    for (const folder of [places.partial, places.published]) {
      const description = maybeWhole(folder);
      if (description !== undefined) return toFinished(folder, description);
    }
    return undefined;
  }

  return {
    hash,
    maybeFinished,
    state() {
      if (maybeFinished() !== undefined) return 'finished';
      return maybeDescription(places.partial) === undefined ? 'absent' : 'partial';
    },
    begin: (config, probes) => beginCell(root, hash, config, probes),
  };
}

function toFinished(folder: string, description: WholeDescription): FinishedCell {
  return {
    hash: description.hash,
    folder,
    config: description.config,
    probes: description.probes,
    summary: description.finished.summary,
    holds: (probes) => holdsProbes(description.probes, probes),
    records: () => readRecordLog(join(folder, 'records.jsonl')),
    checkpoint: () => newestCheckpoint(folder),
  };
}
