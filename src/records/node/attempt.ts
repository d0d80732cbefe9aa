/**
 * @file One attempt at a cell, in a folder of its own: from the newest whole checkpoint of any other attempt, whether its
 * process lives or not, to a generation that is published. Attempts never wait for each other and share no file.
 */
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { DataError, StorageError } from '../../errors.ts';
import { openRecordLog, type RecordLog } from './append-log.ts';
import { makeFolder, maybeRename } from './atomic.ts';
import { canonicalJson, type JsonObject } from '../canonical-json.ts';
import {
  type CellWriter,
  type Checkpoint,
  type HeldProbe,
  holdsProbes,
  type LogMark,
  sortedProbes,
  uniteProbes,
} from '../cell.ts';
import { type CellDescription, maybeDescription, writeDescription } from './cell-description.ts';
import { checkpointName, checkpointPaths, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { attemptFolder, attemptFolders, findGeneration, generations, removeFolder } from './cell-place.ts';
import { type Maker, maybeMaker, thisMaker, writeMaker } from './maker.ts';
import { checkAgainst, publish, removeSuperseded } from './publish.ts';
import { isMissing, withStorageErrors } from './storage-errors.ts';

/** Checkpoints kept while a cell runs: a second one in case the newest is damaged. */
const keptCheckpoints = 2;

/** What is thrown to end an attempt at a cell that another has published meanwhile. */
export class CellPublished extends Error {}

/** What an attempt is begun for. */
export interface AttemptRequest {
  readonly config: JsonObject;
  readonly probes: readonly HeldProbe[];
  /** Whether its bits depend on the instruction set, so that it is not gone on with where that is another. */
  readonly isMachineBound?: boolean;
}

/**
 * A cell that this process works on. A checkpoint puts the records on the disk first, and deletes all but the newest two.
 * It ends the attempt where another has published the cell: with {@link CellPublished}, or where the records so far
 * differ with a DataError that names both hosts.
 */
export interface CellWork extends CellWriter {
  readonly folder: string;
  /** Makes the cell whole and publishes it. Where another was faster the two must be equal; it ends as a checkpoint does. */
  finish(summary: JsonObject): void;
  /** Stops here: whoever begins next takes this attempt over. One without a checkpoint is deleted. */
  close(): void;
  /** Deletes the attempt. */
  discard(): void;
}

/**
 * Begins an attempt.
 * @param place - the folder of the cell
 * @throws {StorageError} where the folder cannot be written.
 */
export function beginAttempt(place: string, hash: string, request: AttemptRequest): CellWork {
  for (let tries = 1; ; tries++) {
    try {
      return tryBegin(place, hash, request);
    } catch (error) {
      // Whoever publishes the cell at this moment deletes the attempts at it, this one too.
      if (!isMissing(error) || tries === 3) throw error;
    }
  }
}

function tryBegin(place: string, hash: string, request: AttemptRequest): CellWork {
  const { config, isMachineBound = false } = request;
  const published = generations(place).flatMap(({ description }) => description.probes);
  const wanted = { hash, config, probes: sortedProbes(uniteProbes(request.probes, published)) };
  const maker = thisMaker();
  const folder = attemptFolder(place, maker.attempt);
  for (const donor of donorsOf(place, wanted, isMachineBound ? maker.instructions : undefined)) {
    const taken = takeOver(donor, folder, maker);
    if (taken !== undefined)
      return createWork(place, folder, donor.description, taken.log, taken.checkpoint, taken.maker);
  }
  makeFolder(join(folder, 'checkpoints'));
  writeMaker(folder, maker);
  writeDescription(folder, wanted);
  return createWork(
    place,
    folder,
    wanted,
    openRecordLog(join(folder, 'records.jsonl'), { truncateTo: nothing }),
    undefined,
    maker,
  );
}

const nothing: LogMark = { recordsBytes: 0, recordsCrc32: '00000000' };

/** An attempt that another can start from. */
interface Donor {
  readonly folder: string;
  readonly description: CellDescription;
  readonly maker: Maker;
}

/** Other attempts at the same with all its probes, those that are furthest first. */
function donorsOf(place: string, wanted: CellDescription, instructions: string | undefined): readonly Donor[] {
  const found = attemptFolders(place).flatMap((folder) => {
    const [description, maker] = [maybeDescription(folder), maybeMaker(folder)];
    if (description === undefined || maker === undefined) return [];
    const isSame = canonicalJson(description.config) === canonicalJson(wanted.config);
    if (!isSame || !holdsProbes(description.probes, wanted.probes)) return [];
    if (instructions !== undefined && maker.instructions !== instructions) return [];
    const [newest] = checkpointPaths(folder);
    if (newest === undefined) return [];
    const { hash, config, probes } = description;
    return [{ folder, description: { hash, config, probes }, maker, step: newest.step }];
  });
  return found.sort((a, b) => b.step - a.step);
}

/**
 * Starts an attempt from another: that of a process which has stopped is taken as it lies, by one rename, which succeeds
 * for one taker alone; of any other, the newest whole checkpoint is copied. Undefined where there is none.
 */
function takeOver(
  donor: Donor,
  folder: string,
  maker: Maker,
): { readonly log: RecordLog; readonly checkpoint: Checkpoint; readonly maker: Maker } | undefined {
  if (donor.maker.isStopped === true && !maybeRename(donor.folder, folder)) return undefined;
  const source = donor.maker.isStopped === true ? folder : donor.folder;
  const records = join(folder, 'records.jsonl');
  for (const { path } of checkpointPaths(source)) {
    try {
      const checkpoint = readCheckpoint(path);
      if (source !== folder) copyUpTo(source, folder, path);
      const log = openRecordLog(records, { truncateTo: checkpoint });
      const { attempt, host, resumed } = donor.maker;
      const heir = { ...maker, resumed: [...resumed, { attempt, host, step: checkpoint.step }] };
      writeMaker(folder, heir);
      writeDescription(folder, donor.description);
      return { log, checkpoint, maker: heir };
    } catch (error) {
      // Damaged, or deleted by its owner meanwhile: the one before it may be whole.
      if (!(error instanceof DataError) && !isMissing(error)) throw error;
      if (source === folder) withStorageErrors('delete', path, () => fs.rmSync(path, { force: true }));
    }
  }
  removeFolder(folder);
  return undefined;
}

function copyUpTo(source: string, folder: string, checkpoint: string): void {
  removeFolder(folder);
  makeFolder(join(folder, 'checkpoints'));
  withStorageErrors('copy', checkpoint, () => {
    fs.copyFileSync(join(source, 'records.jsonl'), join(folder, 'records.jsonl'));
    fs.copyFileSync(checkpoint, join(folder, 'checkpoints', basename(checkpoint)));
  });
}

function createWork(
  place: string,
  folder: string,
  description: CellDescription,
  log: RecordLog,
  resumeFrom: Checkpoint | undefined,
  maker: Maker,
): CellWork {
  const { probes } = description;
  /** Ends the attempt where the cell has been published, so that it has lost its use. */
  const endIfPublished = (summary?: JsonObject): void => {
    const published = findGeneration(place, probes);
    if (published === undefined) return;
    try {
      checkAgainst(published, { probes, maker, ...log.mark(), summary });
    } finally {
      log.abandon();
      removeFolder(folder);
    }
    throw new CellPublished(`Another process has published ${published.folder}`);
  };
  /** Whoever publishes a cell deletes other attempts at it: their writing then fails. */
  const unlessPublished = (work: () => void, summary?: JsonObject): void => {
    try {
      work();
    } catch (error) {
      if (error instanceof StorageError) endIfPublished(summary);
      throw error;
    }
  };
  return {
    folder,
    probes,
    resumeFrom,
    append: (records) => log.append(records),
    saveCheckpoint(checkpoint) {
      unlessPublished(() => {
        // The records first: a checkpoint must never count records that a power cut could take away.
        const mark = log.flush();
        endIfPublished();
        writeCheckpoint(join(folder, 'checkpoints', checkpointName(checkpoint.step)), { ...checkpoint, ...mark });
        keepNewest(folder, keptCheckpoints);
      });
    },
    finish(summary) {
      unlessPublished(() => {
        const mark = log.flush();
        endIfPublished(summary);
        keepNewest(folder, 1);
        writeDescription(folder, { ...description, finished: { ...mark, summary } });
        // Where another was faster by a moment, this ends as it does above.
        while (!publish(place, folder, probes)) endIfPublished(summary);
        log.abandon();
      }, summary);
      removeSuperseded(place, probes);
    },
    close() {
      try {
        log.close();
      } finally {
        settle(folder, maker);
      }
    },
    discard() {
      log.abandon();
      removeFolder(folder);
    },
  };
}

/** An attempt that stops is kept where it has a checkpoint to go on from. */
function settle(folder: string, maker: Maker): void {
  if (!fs.existsSync(folder)) return;
  if (checkpointPaths(folder).length === 0) removeFolder(folder);
  else writeMaker(folder, { ...maker, isStopped: true });
}

function keepNewest(folder: string, count: number): void {
  for (const { path } of checkpointPaths(folder).slice(count)) withStorageErrors('delete', path, () => fs.rmSync(path));
}
