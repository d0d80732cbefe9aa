/** @file Reading a data set's official files from a folder, each verified by its published checksum. */
import { createHash } from 'node:crypto';
import { readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { counted } from '../../counted.ts';
import { DataError, StorageError } from '../../errors.ts';
import { maybeErrorCode, toStorageError } from '../../records/node/storage-errors.ts';
import type { DatasetDefinition, OfficialFile } from '../datasets.ts';

const unzip = promisify(gunzip);

/** The bytes of the official files, in the order of the definition. */
export interface OfficialFiles {
  readonly train: readonly Uint8Array[];
  readonly test: readonly Uint8Array[];
}

/**
 * Reads and verifies every official file of a data set, wherever {@link findOfficialFile} finds one.
 * @param report - called after each file with the fraction of bytes read, their number, and a message
 * @throws {DataError} if a file is missing, truncated or has another checksum
 * @throws {StorageError} if a file must not be read
 */
export async function readOfficialFiles(
  definition: DatasetDefinition,
  folder: string,
  report: (fraction: number, bytes: number, message: string) => void,
): Promise<OfficialFiles> {
  const total = officialBytes(definition);
  let done = 0;
  const readAll = async (files: readonly OfficialFile[]): Promise<Uint8Array[]> => {
    const contents: Uint8Array[] = [];
    for (const file of files) {
      contents.push(await readVerified(file, folder));
      done += file.bytes;
      report(done / total, done, `Verifying ${definition.title}`);
    }
    return contents;
  };
  return { train: await readAll(definition.train), test: await readAll(definition.test) };
}

/** The size of all official files together, uncompressed. */
export function officialBytes({ train, test }: DatasetDefinition): number {
  return [...train, ...test].reduce((sum, file) => sum + file.bytes, 0);
}

/**
 * The path of an official file as it lies in a folder: plain or gzipped, with a dot for the hyphen before `idx` as some
 * archives have it, or in a folder of its own name; undefined where there is none.
 * @throws {StorageError} if the folder must not be entered
 */
export async function findOfficialFile(file: OfficialFile, folder: string): Promise<string | undefined> {
  return (await officialFilePaths(file, folder))[0];
}

async function officialFilePaths({ name }: OfficialFile, folder: string): Promise<readonly string[]> {
  const spellings = [...new Set([name, name.replace(/-(?=idx\d-ubyte$)/, '.')])];
  const folders = [folder, ...spellings.map((spelling) => join(folder, spelling))];
  const paths = folders.flatMap((inner) =>
    spellings.flatMap((spelling) => [join(inner, spelling), join(inner, `${spelling}.gz`)]),
  );
  const found: string[] = [];
  for (const path of paths) if (await isFile(path)) found.push(path);
  return found;
}

/** Whether a path leads to a file. @throws {StorageError} where that must not be known */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    const code = maybeErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw toStorageError(error, 'look into', dirname(path));
  }
}

/** The content of the first path that has the right checksum; where none has, what is wrong with the first. */
async function readVerified(file: OfficialFile, folder: string): Promise<Uint8Array> {
  const paths = await officialFilePaths(file, folder);
  let failure: unknown = new DataError(`${folder} holds neither ${file.name} nor ${file.name}.gz`);
  for (const [i, path] of paths.entries()) {
    try {
      return await verified(file, path);
    } catch (error) {
      if (!(error instanceof DataError || error instanceof StorageError)) throw error;
      if (i === 0) failure = error;
    }
  }
  throw failure;
}

async function verified(file: OfficialFile, path: string): Promise<Uint8Array> {
  const content = await readPlain(path);
  if (content.length !== file.bytes) {
    throw new DataError(
      `${path} is truncated or another file: it must hold ${counted(file.bytes, 'byte')}, got ${content.length}; fetch it again`,
    );
  }
  const md5 = createHash('md5').update(content).digest('hex');
  if (md5 !== file.md5) {
    throw new DataError(`${path} has the wrong checksum: its MD5 must be ${file.md5}, got ${md5}; fetch it again`);
  }
  return content;
}

/** Moves the official files of a data set within one file system. @throws {DataError} if one is missing */
export async function moveOfficialFiles(definition: DatasetDefinition, from: string, into: string): Promise<void> {
  for (const { name } of [...definition.train, ...definition.test]) {
    await rename(join(from, name), join(into, name)).catch((error: unknown) => {
      throw new DataError(`${from} holds no ${name}`, { cause: error });
    });
  }
}

/**
 * The content of a file, unzipped if its name ends in `.gz`.
 * @throws {DataError} if it cannot be read or unzipped
 * @throws {StorageError} if it must not be read, which fetching it again would not mend
 */
export async function readPlain(path: string): Promise<Uint8Array> {
  try {
    const content = await readFile(path);
    return path.endsWith('.gz') ? await unzip(content) : content;
  } catch (error) {
    const code = maybeErrorCode(error);
    if (code === 'EACCES' || code === 'EPERM') throw toStorageError(error, 'read', path);
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`${path} cannot be read (${reason}); fetch it again`, { cause: error });
  }
}
