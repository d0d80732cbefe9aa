/** @file The cache of official files: one folder per data set, which is whole or is not there. */
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { StorageError } from '../../errors.ts';
import type { DatasetName } from '../dataset.ts';
import { type DatasetDefinition, datasets } from '../datasets.ts';
import { findOfficialFile, officialBytes } from './official-files.ts';

/**
 * `$XDG_CACHE_HOME/normscope`, or `~/.cache/normscope`.
 * @throws {StorageError} for a user without a home, as containers have them: the working folder must not become one
 */
export function defaultCacheDir(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(base) ? base : join(home(), '.cache'), 'normscope');
}

function home(): string {
  let found = '';
  let cause: unknown;
  try {
    found = os.homedir();
  } catch (error) {
    // Neither HOME nor an entry of the user in the system's list.
    cause = error;
  }
  if (isAbsolute(found)) return found;
  throw new StorageError(
    `The data cache must be in XDG_CACHE_HOME or in the user's home folder, got neither (HOME is '${process.env['HOME'] ?? ''}'); ` +
      'set XDG_CACHE_HOME to a folder that can be written, or name one that holds the data with --data DIR or NORMSCOPE_DATA',
    { cause },
  );
}

/** The folder that the environment variable NORMSCOPE_DATA names, if it names one. */
export function environmentFolder(): string | undefined {
  return process.env['NORMSCOPE_DATA'] || undefined;
}

/** The folder of one data set in a cache. */
export function cachedFolder(
  cacheDir: string,
  { name, cachedAs = name }: Pick<DatasetDefinition, 'name' | 'cachedAs'>,
): string {
  return join(cacheDir, 'data', cachedAs);
}

export interface CachedDataset {
  readonly name: DatasetName;
  readonly title: string;
  readonly folder: string;
  /** By the sizes of the files alone: their checksums are verified whenever the data is loaded. */
  readonly state: 'cached' | 'damaged' | 'absent';
  readonly bytes: number;
  /** What it was fetched from. */
  readonly source: string | undefined;
}

export interface CacheDescription {
  readonly cacheDir: string;
  /** The folder in NORMSCOPE_DATA, which takes the place of the cache. */
  readonly namedFolder: string | undefined;
  readonly datasets: readonly CachedDataset[];
}

/**
 * What the cache holds, without reading the data.
 * @throws {StorageError} where there is no place for a cache, as {@link defaultCacheDir}
 */
export async function describeCache(cacheDir: string = defaultCacheDir()): Promise<CacheDescription> {
  const described = Object.values(datasets).map((definition) => describeDataset(definition, cacheDir));
  return { cacheDir, namedFolder: environmentFolder(), datasets: await Promise.all(described) };
}

async function describeDataset(definition: DatasetDefinition, cacheDir: string): Promise<CachedDataset> {
  const { name, title } = definition;
  const folder = cachedFolder(cacheDir, definition);
  let bytes = 0;
  for (const file of [...definition.train, ...definition.test]) {
    const path = await findOfficialFile(file, folder);
    if (path !== undefined) bytes += (await stat(path)).size;
  }
  const whole = bytes === officialBytes(definition);
  const state = whole ? 'cached' : (await isFolder(folder)) ? 'damaged' : 'absent';
  return { name, title, folder, state, bytes, source: await cachedSource(folder) };
}

/** What the files in a cached folder were fetched from. */
export function cachedSource(folder: string): Promise<string | undefined> {
  return readFile(join(folder, SOURCE_FILE), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

const SOURCE_FILE = 'source.txt';

/** A place beside a cached folder where it is prepared, in the same file system so that it can be moved. */
export interface Workplace {
  /** Becomes the cached folder. */
  readonly files: string;
  readonly scratch: string;
  /** Moves `files`, safely on disk, to where the cached folder belongs; whatever stood there is dropped. */
  publish(source: string): Promise<void>;
  /** Removes what is left, even while a stopped command still writes there. */
  close(): Promise<void>;
}

/**
 * Opens a workplace for a cached folder, and removes those that killed processes left behind more than a day ago.
 * @throws {StorageError} if the cache cannot be written
 */
export async function openWorkplace(target: string): Promise<Workplace> {
  const parent = dirname(target);
  const root = await asStorage(parent, async () => {
    await mkdir(parent, { recursive: true });
    await removeAbandoned(parent);
    return mkdtemp(`${target}.partial-`);
  });
  const files = join(root, 'files');
  const scratch = join(root, 'scratch');
  await asStorage(root, () => Promise.all([mkdir(files), mkdir(scratch)]));
  return {
    files,
    scratch,
    publish: (source) =>
      asStorage(target, async () => {
        await writeFile(join(files, SOURCE_FILE), `${source}\n`);
        for (const name of await readdir(files)) await sync(join(files, name));
        await sync(files);
        if (await isFolder(target)) await rename(target, join(root, 'replaced'));
        await rename(files, target).catch(ignoreTwin);
        await sync(parent);
      }),
    close: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Codes of a file system that refuses to be written; any other failure has another cause. */
const refusals = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST']);

/** Runs work on the cache, turning a refusal of the file system into a StorageError. */
export async function asStorage<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && refusals.has(String(error.code)))) throw error;
    throw new StorageError(
      `Cannot write the data cache: ${path} must be writable and have room, got ${error.message}; ` +
        'make room, or name another place with XDG_CACHE_HOME',
      { cause: error },
    );
  }
}

/** Another process may have published the same verified files a moment ago; its copy serves as well. */
function ignoreTwin(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
}

async function removeAbandoned(parent: string): Promise<void> {
  const dayAgo = Date.now() - 24 * 60 * 60 * 1000;
  for (const name of await readdir(parent)) {
    if (!name.includes('.partial-')) continue;
    const path = join(parent, name);
    // Its owner may remove it just now.
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    if (changed < dayAgo) await rm(path, { recursive: true, force: true });
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
