/** @file Whole files, written so that a reader sees the old content or the new and never a part, whatever kills the writer. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DataError, StorageError } from '../../errors.ts';
import type { JsonValue } from '../canonical-json.ts';
import { isMissing, maybeErrorCode, withStorageErrors } from './storage-errors.ts';

/** 16 hexadecimal digits: process numbers are not unique where two machines share a folder. */
export function uniqueName(): string {
  return randomBytes(8).toString('hex');
}

/**
 * Writes a whole file: into a temporary one in the same folder, fsync, rename over the target, fsync of the folder.
 * @param data - all of it, or in pieces, in their order
 * @param options.isDerived - for what can be made again from other files: it is whole or not there whatever kills the
 * process, but a power cut may take it, and nothing waits for the disk
 * @throws {StorageError} where the folder cannot be written or the disk is full; the old file, if any, is untouched.
 */
export function writeFileAtomic(
  path: string,
  data: string | Uint8Array | Iterable<string | Uint8Array>,
  { isDerived = false }: { readonly isDerived?: boolean } = {},
): void {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${uniqueName()}.tmp`);
  withStorageErrors('write', path, () => {
    try {
      const pieces = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
      const file = fs.openSync(temporary, 'wx');
      try {
        for (const piece of gathered(pieces)) fs.writeFileSync(file, piece);
        // Before the rename, else a crash can leave the new name with no content.
        if (!isDerived) fs.fsyncSync(file);
      } finally {
        fs.closeSync(file);
      }
      fs.renameSync(temporary, path);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
    if (!isDerived) syncFolder(folder);
  });
}

/** Pieces in fewer, each of which is worth a call of the system. */
function* gathered(pieces: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  const enough = 2 ** 20;
  let held: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const part = typeof piece === 'string' ? Buffer.from(piece) : piece;
    held.push(part);
    bytes += part.length;
    if (bytes < enough) continue;
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  yield Buffer.concat(held);
}

/**
 * Writes a JSON value, indented for reading, atomically. NaN and the infinities, which JSON lacks, become the strings
 * "NaN", "Infinity" and "-Infinity", as in records.
 * @throws {StorageError} as `writeFileAtomic`.
 */
export function writeJson(path: string, value: JsonValue): void {
  const text = JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item),
    2,
  );
  writeFileAtomic(path, `${text}\n`);
}

/**
 * The JSON value of a file; its shape is for the caller to check.
 * @throws {StorageError} where the file is missing or cannot be read.
 * @throws {DataError} where it is not JSON, with the file's name.
 */
export function readJson(path: string): unknown {
  const text = withStorageErrors('read', path, () => fs.readFileSync(path, 'utf8'));
  try {
    return JSON.parse(text);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new DataError(`Cannot read ${path}: it is not JSON (${what}); delete it or restore it`, { cause: error });
  }
}

/** The names in a folder; none where it is missing. @throws {StorageError} where it cannot be read. */
export function listFolder(path: string): readonly string[] {
  try {
    return withStorageErrors('read', path, () => fs.readdirSync(path));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Creates a folder and its parents where they are missing. @throws {StorageError} where that is refused. */
export function makeFolder(path: string): void {
  withStorageErrors('create the folder', path, () => fs.mkdirSync(path, { recursive: true }));
}

/**
 * Passes when files can be written into an existing folder: tried by writing one, since permission bits do not tell
 * of read-only or full disks.
 * @throws {StorageError} where the folder is missing, is a file, or refuses.
 */
export function assertWritableFolder(path: string): void {
  const isFolder = withStorageErrors('use the folder', path, () => fs.statSync(path).isDirectory());
  if (!isFolder)
    throw new StorageError(`Cannot use the folder ${path}: it is a file; move it or choose another folder`);
  const trial = join(path, `.writable-${uniqueName()}`);
  writeFileAtomic(trial, 'normscope\n');
  withStorageErrors('remove', trial, () => fs.rmSync(trial));
}

/** Moves a folder; whether this process was the one to move it, and nothing lay where it goes. */
export function maybeRename(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    if (maybeErrorCode(error) === undefined) throw error;
    return false;
  }
}

/** Makes renames and deletions in a folder last through a power cut. Windows has no such call and needs none. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    // Some network file systems cannot sync a folder; the rename itself has happened.
    if (maybeErrorCode(error) !== 'EINVAL') throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}
