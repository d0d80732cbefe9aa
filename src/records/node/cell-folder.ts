/**
 * @file One cell of a root folder: whether it is whole, what it holds, and how an attempt at it begins. No lock is taken:
 * any number of processes, on any number of machines that share the folder, may read it and work on it at once.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '../../errors.ts';
import { readRecordLog } from './append-log.ts';
import { listFolder } from './atomic.ts';
import { type FinishedCell, type HeldProbe, holdsProbes, recordsOf, recordsSeen } from '../cell.ts';
import type { StepRecord } from '../record.ts';
import { type AttemptRequest, beginAttempt, type CellWork } from './attempt.ts';
import { attemptFolders, findGeneration, type Generation } from './cell-place.ts';
import { newestCheckpoint } from './checkpoint.ts';
import { removeSuperseded } from './publish.ts';
import { isMissing, withStorageErrors } from './storage-errors.ts';

/** `partial`: begun and not finished. */
export type CellState = 'absent' | 'partial' | 'finished';

/** One cell of a root folder, present or not. */
export interface Cell {
  readonly hash: string;
  state(): CellState;
  /**
   * A whole cell with all these probes, whose records are of these alone; undefined where there is none. Without a list,
   * any whole cell with all that it holds. Reading changes nothing on the disk.
   */
  maybeFinished(probes?: readonly HeldProbe[]): FinishedCell | undefined;
  /**
   * Begins an attempt, from the newest whole checkpoint of any other. It will hold the probes asked for and those of the
   * generations that it replaces.
   * @throws {StorageError} where the folder cannot be written.
   */
  begin(request: AttemptRequest): CellWork;
  /** Deletes what a whole cell has made useless: attempts of processes that were killed, generations with less. */
  tidy(finished: FinishedCell): void;
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
  const place = join(root, hash);
  return {
    hash,
    maybeFinished(probes) {
      const generation = findGeneration(place, probes ?? []);
      return generation && toFinished(place, generation, probes ?? generation.description.probes);
    },
    state() {
      if (findGeneration(place, []) !== undefined) return 'finished';
      return attemptFolders(place).length === 0 ? 'absent' : 'partial';
    },
    begin: (request) => beginAttempt(place, hash, request),
    tidy({ probes }) {
      if (listFolder(place).length > 1) removeSuperseded(place, probes);
    },
  };
}

function toFinished(place: string, { folder, description }: Generation, asked: readonly HeldProbe[]): FinishedCell {
  const { hash, config, probes, finished } = description;
  /** Reads the generation, or the one that has replaced it, which holds all that it held, and may list it otherwise. */
  const reading = <T>(use: (folder: string, held: readonly HeldProbe[]) => T): T => {
    try {
      return use(folder, probes);
    } catch (error) {
      const now = isMissing(error) ? findGeneration(place, probes) : undefined;
      if (now === undefined || now.folder === folder) throw error;
      return use(now.folder, now.description.probes);
    }
  };
  // A rule, a table of definitions and the files of a run all read the same records.
  let read: readonly StepRecord[] | undefined;
  const log = (): readonly StepRecord[] =>
    (read ??= reading((from, held) => recordsOf(readRecordLog(join(from, 'records.jsonl')), held, probes)));
  return {
    hash,
    folder,
    config,
    probes,
    summary: finished.summary,
    holds: (wanted) => holdsProbes(probes, wanted),
    records: () => recordsSeen(log(), probes, asked),
    allRecords: () => [...log()],
    checkpoint: () =>
      reading((from) => {
        // A folder that has been replaced lists no checkpoints, and would say that there are none.
        withStorageErrors('read', from, () => fs.statSync(from));
        return newestCheckpoint(from);
      }),
  };
}
