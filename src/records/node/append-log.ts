/** @file The append-only file of records of one cell, with a known length on disk to which a resumed run goes back. */
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { DataError, StorageError } from '../../errors.ts';
import type { LogMark } from '../cell.ts';
import type { StepRecord } from '../record.ts';
import { decodeRecords, RecordEncoder } from '../record-lines.ts';
import { withStorageErrors } from './storage-errors.ts';

const newline = 0x0a;
/** Lines are gathered to this many characters before they are handed to the system. */
const bufferedCharacters = 1 << 16;

/** A file of records open for appending. */
export interface RecordLog {
  /** Appends records; they may stay in memory until `flush`. @throws {StorageError} where the disk refuses. */
  append(records: readonly StepRecord[]): void;
  /**
   * Puts every appended record on the disk (fsync).
   * @returns the file's length and checksum: what a checkpoint stores and `truncateTo` takes.
   * @throws {StorageError} where the disk refuses; the file then ends with whole lines, and `flush` may be tried again.
   */
  flush(): LogMark;
  /** What has been written so far, whether it is on the disk or not; still known when the log is closed. */
  mark(): LogMark;
  /** Flushes and closes. Closing twice is no error. */
  close(): void;
  /** Closes without writing what is still in memory: for a log whose folder is about to go. */
  abandon(): void;
}

/**
 * Opens a file of records for appending, creating it where it is missing, after cutting off a torn last line.
 * @param options.truncateTo - how much to keep, from a checkpoint; default: all whole lines.
 * @throws {StorageError} where the file cannot be opened.
 * @throws {DataError} where the file does not begin with what `truncateTo` was written after, or what is kept does not
 * read as records; the file is then untouched.
 */
export function openRecordLog(path: string, options: { truncateTo?: LogMark } = {}): RecordLog {
  const file = withStorageErrors('open', path, () => fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT));
  try {
    const content = withStorageErrors('read', path, () => fs.readFileSync(path));
    const kept = options.truncateTo?.recordsBytes ?? content.lastIndexOf(newline) + 1;
    const start = crc32(content.subarray(0, kept));
    if (kept > content.length || (options.truncateTo !== undefined && hex(start) !== options.truncateTo.recordsCrc32)) {
      throw new DataError(
        `Cannot resume ${path} at byte ${kept}: what it holds (${content.length} bytes) is not what was written; ` +
          'delete its cell to run it again',
      );
    }
    const held = decodeRecords(content.toString('utf8', 0, kept), path);
    withStorageErrors('write', path, () => fs.ftruncateSync(file, kept));
    return createLog(path, file, { bytes: kept, crc: start }, new RecordEncoder(held));
  } catch (error) {
    fs.closeSync(file);
    throw error;
  }
}

/**
 * The records of a file, each with its full definition; a torn last line is not read.
 * @throws {StorageError} where the file is missing or cannot be read.
 * @throws {DataError} naming the line that is not a record.
 */
export function readRecordLog(path: string): StepRecord[] {
  return decodeRecords(
    withStorageErrors('read', path, () => fs.readFileSync(path, 'utf8')),
    path,
  ).records;
}

/** The checksum of the first bytes of a file; undefined where there are not so many. */
export function maybeChecksum(path: string, bytes: number): string | undefined {
  const content = withStorageErrors('read', path, () => fs.readFileSync(path));
  return bytes > content.length ? undefined : hex(crc32(content.subarray(0, bytes)));
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function createLog(
  path: string,
  file: number,
  start: { readonly bytes: number; readonly crc: number },
  encoder: RecordEncoder,
): RecordLog {
  let { bytes: written, crc } = start;
  let pending = '';
  let isOpen = true;

  function writePending(): void {
    const bytes = Buffer.from(pending, 'utf8');
    withStorageErrors('append to', path, () => {
      try {
        // A write may take only a part, and does just before a disk is full.
        for (let done = 0; done < bytes.length; ) {
          done += fs.writeSync(file, bytes, done, bytes.length - done, written + done);
        }
      } catch (error) {
        fs.ftruncateSync(file, written);
        throw error;
      }
    });
    written += bytes.length;
    crc = crc32(bytes, crc);
    pending = '';
  }

  const log: RecordLog = {
    append(records) {
      if (!isOpen) throw new StorageError(`Cannot append to ${path}: the log is closed; open it again`);
      pending += encoder.encode(records);
      if (pending.length >= bufferedCharacters) writePending();
    },
    flush() {
      if (pending !== '') writePending();
      withStorageErrors('flush', path, () => fs.fsyncSync(file));
      return log.mark();
    },
    mark: () => ({ recordsBytes: written, recordsCrc32: hex(crc) }),
    close() {
      if (!isOpen) return;
      try {
        log.flush();
      } finally {
        log.abandon();
      }
    },
    abandon() {
      if (isOpen) fs.closeSync(file);
      isOpen = false;
    },
  };
  return log;
}
