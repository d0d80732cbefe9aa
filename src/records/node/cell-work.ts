/** @file The work on one cell: from a locked folder and the newest whole checkpoint to a finished cell in its place. */
import fs from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { openRecordLog } from './append-log.ts';
import type { RecordLog } from './append-log.ts';
import { isTemporary, makeFolder, syncFolder } from './atomic.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { JsonObject } from '../canonical-json.ts';
import { holdsProbes, uniteProbes } from '../cell.ts';
import type { Checkpoint, HeldProbe } from '../cell.ts';
import { maybeDescription, maybeWhole, writeDescription } from './cell-description.ts';
import type { CellDescription } from './cell-description.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { acquireLock } from './lock-file.ts';
import type { StepRecord } from '../record.ts';
import { withStorageErrors } from './storage-errors.ts';

/** Checkpoints kept while a cell runs: a second one in case the newest is damaged. */
const keptCheckpoints = 2;

/** A cell that this process works on. Finish, close and discard give its lock back; close also after an error. */
export interface CellWork {
  readonly folder: string;
  /** The probes to run: those asked for, and those of the finished cell that this one replaces. */
  readonly probes: readonly HeldProbe[];
  /** Where to go on; undefined where the cell begins at step 0. */
  readonly resumeFrom: Checkpoint | undefined;
  /** @throws {StorageError} where the disk refuses. */
  append(records: readonly StepRecord[]): void;
  /** Puts the records on the disk and then the checkpoint, and deletes all checkpoints but the newest two. */
  saveCheckpoint(checkpoint: Omit<Checkpoint, 'recordsBytes'>): void;
  /** Makes the cell whole and moves it into place. Only the newest checkpoint is kept. */
  finish(summary: JsonObject): void;
  /** Stops here; a later `begin` resumes from the newest checkpoint. */
  close(): void;
  /** Deletes the unfinished cell. */
  discard(): void;
}

/**
 * Locks a cell and begins or resumes it; see `Cell.begin`.
 * @throws {StorageError} where another process works on it, or the folder cannot be written.
 */
export function beginCell(root: string, hash: string, config: JsonObject, asked: readonly HeldProbe[]): CellWork {
  makeFolder(root);
  const lock = acquireLock(join(root, `${hash}.lock`), `work on cell ${hash}`);
  try {
    const folder = join(root, `${hash}.partial`);
    if (maybeWhole(folder) !== undefined) publish(root, hash);
    const held = maybeWhole(join(root, hash))?.probes ?? [];
    const description = preparePartial(folder, { hash, config, probes: uniteProbes(asked, held) });
    const { log, checkpoint } = resume(folder);
    return createWork(folder, description, log, checkpoint, {
      publish: () => publish(root, hash),
      release: () => lock.release(),
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Keeps the partial folder where it can be resumed as what is wanted; otherwise starts an empty one. */
function preparePartial(folder: string, wanted: CellDescription): CellDescription {
  const found = maybeDescription(folder);
  const isRunning = found !== undefined && found.finished === undefined;
  const isSame = isRunning && canonicalJson(found.config) === canonicalJson(wanted.config);
  if (isSame && holdsProbes(found.probes, wanted.probes)) {
    removeTemporaries(folder);
    removeTemporaries(join(folder, 'checkpoints'));
    return found;
  }
  removeFolder(folder);
  makeFolder(join(folder, 'checkpoints'));
  writeDescription(folder, wanted);
  return wanted;
}

/** Opens the records at the newest checkpoint that is whole and whose records are; at 0 where there is none. */
function resume(folder: string): { log: RecordLog; checkpoint: Checkpoint | undefined } {
  const records = join(folder, 'records.jsonl');
  for (const path of checkpointPaths(folder)) {
    try {
      const checkpoint = readCheckpoint(path);
      return { log: openRecordLog(records, { truncateTo: checkpoint.recordsBytes }), checkpoint };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      // Damaged: fall back to the one before, and do not let this one pass for the newest again.
      withStorageErrors('delete', path, () => fs.rmSync(path));
    }
  }
  return { log: openRecordLog(records, { truncateTo: 0 }), checkpoint: undefined };
}

function createWork(
  folder: string,
  description: CellDescription,
  log: RecordLog,
  resumeFrom: Checkpoint | undefined,
  place: { publish(): void; release(): void },
): CellWork {
  return {
    folder,
    probes: description.probes,
    resumeFrom,
    append: (records) => log.append(records),
    saveCheckpoint(checkpoint) {
      // The records first: a checkpoint must never count records that a power cut could take away.
      const recordsBytes = log.flush();
      const path = join(folder, 'checkpoints', `step-${checkpoint.step}.safetensors`);
      writeCheckpoint(path, { ...checkpoint, recordsBytes });
      keepNewest(folder, keptCheckpoints);
    },
    finish(summary) {
      const recordsBytes = log.flush();
      log.close();
      keepNewest(folder, 1);
      writeDescription(folder, { ...description, finished: { recordsBytes, summary } });
      place.publish();
      place.release();
    },
    close() {
      try {
        log.close();
      } finally {
        place.release();
      }
    },
    discard() {
      log.abandon();
      removeFolder(folder);
      place.release();
    },
  };
}

/** Moves a whole partial folder into place. May be killed anywhere and called again. */
function publish(root: string, hash: string): void {
  const target = join(root, hash);
  const old = join(root, `${hash}.old`);
  removeFolder(old);
  withStorageErrors('replace', target, () => {
    if (fs.existsSync(target)) fs.renameSync(target, old);
    fs.renameSync(join(root, `${hash}.partial`), target);
    syncFolder(root);
  });
  removeFolder(old);
}

/** The newest checkpoint of a cell's folder that is whole; undefined where there is none. Deletes nothing. */
export function newestCheckpoint(folder: string): Checkpoint | undefined {
  for (const path of checkpointPaths(folder)) {
    try {
      return readCheckpoint(path);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
  return undefined;
}

/** Newest first. */
function checkpointPaths(folder: string): string[] {
  const checkpoints = join(folder, 'checkpoints');
  return listFolder(checkpoints)
    .flatMap((name) => {
      const step = /^step-(\d+)\.safetensors$/.exec(name)?.[1];
      return step === undefined ? [] : [{ step: Number(step), path: join(checkpoints, name) }];
    })
    .sort((a, b) => b.step - a.step)
    .map(({ path }) => path);
}

function keepNewest(folder: string, count: number): void {
  for (const path of checkpointPaths(folder).slice(count)) withStorageErrors('delete', path, () => fs.rmSync(path));
}

function removeTemporaries(folder: string): void {
  for (const name of listFolder(folder).filter(isTemporary)) fs.rmSync(join(folder, name), { force: true });
}

function listFolder(folder: string): string[] {
  return withStorageErrors('read', folder, () => (fs.existsSync(folder) ? fs.readdirSync(folder) : []));
}

function removeFolder(folder: string): void {
  withStorageErrors('delete', folder, () => fs.rmSync(folder, { recursive: true, force: true }));
}
