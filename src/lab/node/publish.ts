/** @file The lab's page as a folder, for any static host. */

import fs from 'node:fs';
import { join } from 'node:path';
import { SettingError } from '../../errors.ts';
import { listFolder, makeFolder, syncFolder, writeFileAtomic } from '../../records/node/atomic.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { listedData, type PageFiles } from './page-files.ts';

/** What no other folder holds together. */
const SIGNS = ['lab.js', 'arm.js', 'engine.wasm.gz', 'data.json'];

/**
 * Passes where the page may be written into a folder: one that is missing or empty, or that holds an earlier lab.
 * @throws {SettingError} where it holds other files
 */
export function assertLabFolder(files: PageFiles, folder: string): void {
  const there = listFolder(folder);
  const foreign = there.find((name) => !files.has(name) && !name.endsWith('.tmp'));
  if (foreign === undefined || isLab(there)) return;
  throw new SettingError(
    `Cannot write the lab into ${folder}: it must be empty or hold an earlier lab, got ${foreign}; choose another folder`,
  );
}

/**
 * Writes the page into a folder, which is made where it is missing. Each file is there whole or as it was, index.html last. An
 * earlier lab is replaced, the data sets that only it had included; what else lies beside it stays.
 * @throws {SettingError} as `assertLabFolder`
 * @throws {StorageError} where it cannot be written
 */
export function publishLab(files: PageFiles, folder: string): void {
  assertLabFolder(files, folder);
  makeFolder(folder);
  const stale = staleData(files, folder);
  const isLast = (name: string): boolean => name === 'index.html';
  const ordered = [...files].toSorted(([a], [b]) => Number(isLast(a)) - Number(isLast(b)));
  for (const [name, bytes] of ordered) writeFileAtomic(join(folder, name), bytes, { isDerived: true });
  for (const name of stale) withStorageErrors('remove', name, () => fs.rmSync(join(folder, name), { force: true }));
  syncFolder(folder);
}

function isLab(there: readonly string[]): boolean {
  return SIGNS.every((name) => there.includes(name));
}

/** Files of data sets that the page there lists, and the new one has no longer: nobody would think of them again. */
function staleData(files: PageFiles, folder: string): readonly string[] {
  const there = listFolder(folder);
  if (!isLab(there)) return [];
  const list = withStorageErrors('read', folder, () => fs.readFileSync(join(folder, 'data.json')));
  let listed: readonly string[];
  try {
    listed = listedData(new Map([['data.json', list]])).map(({ file }) => file);
  } catch {
    // Cut or written by hand: then nothing is known to be ours.
    return [];
  }
  return there.filter((name) => listed.includes(name) && !files.has(name));
}
