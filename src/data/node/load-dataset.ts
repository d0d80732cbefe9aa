/** @file Loading a data set: from a folder the user names, else from the cache, else from the first source that works. */
import { createHash } from 'node:crypto';
import { DataError, InterruptedError, unknownName } from '../../errors.ts';
import type { DataProgress, Dataset, DatasetName } from '../dataset.ts';
import { type DatasetDefinition, datasets } from '../datasets.ts';
import {
  asStorage,
  cachedFolder,
  cachedSource,
  defaultCacheDir,
  environmentFolder,
  isFolder,
  openWorkplace,
} from './cache.ts';
import { readNamedFolder } from './named-folder.ts';
import { type OfficialFiles, readOfficialFiles } from './official-files.ts';
import { defaultLimits, type Source, type TransferLimits } from './source.ts';
import { sourcesOf } from './sources.ts';
import { SlowTransfer } from './transfer.ts';

export interface LoadOptions {
  /** A folder with the official files, as an archive or torchvision leaves them; NORMSCOPE_DATA when omitted. If named, it alone is used. */
  readonly folder?: string;
  /** `$XDG_CACHE_HOME/normscope` or `~/.cache/normscope` when omitted. */
  readonly cacheDir?: string;
  readonly onProgress?: (progress: DataProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Loads a data set, fetching it into the cache if need be; every official file is verified by its published checksum.
 * @throws {SettingError} if no data set has this name
 * @throws {DataError} if the named folder lacks a file or holds a damaged one, or if no source works
 * @throws {StorageError} if the cache cannot be written, or what holds the data must not be read
 * @throws {InterruptedError} if the signal is aborted; the cache is then as it was
 */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  const definition = definitionOf(name);
  return loadFrom(definition, sourcesOf[definition.name], options);
}

/**
 * What tells a data set from any other before it is loaded: a hash of the published checksums of its official files, by
 * which every file is verified whenever it is loaded.
 * @throws {SettingError} if no data set has this name
 */
export function datasetChecksum(name: string): string {
  const { train, test } = definitionOf(name);
  const hash = createHash('sha256');
  for (const [split, files] of Object.entries({ train, test })) {
    for (const { name: file, md5 } of files) hash.update(`${split} ${file} ${md5}\n`);
  }
  return hash.digest('hex');
}

/** `loadDataset` for any definition, sources and limits. */
export async function loadFrom(
  definition: DatasetDefinition,
  sources: readonly Source[],
  options: LoadOptions,
  limits: TransferLimits = defaultLimits,
): Promise<Dataset> {
  const named = options.folder ?? environmentFolder();
  try {
    if (named !== undefined) return await loadNamed(definition, named, options);
    const cached = await loadCached(definition, options);
    if (!(cached instanceof DataError)) return cached ?? (await loadFetched(definition, sources, options, limits));
    const notice = (message: string): void => options.onProgress?.({ fraction: 0, bytes: 0, message, isNotice: true });
    notice(`The cached copy of ${definition.title} is damaged and is fetched again: ${cached.message}`);
    const fetched = await loadFetched(definition, sources, options, limits);
    notice(`The damaged copy of ${definition.title} was replaced by one from ${fetched.source}`);
    return fetched;
  } catch (error) {
    if (options.signal?.aborted !== true) throw error;
    throw new InterruptedError(`Loading ${definition.title} was stopped; the cache is as it was`, { cause: error });
  }
}

async function loadNamed(definition: DatasetDefinition, named: string, options: LoadOptions): Promise<Dataset> {
  const { files, folder } = await readNamedFolder(definition, named, reporter(options, 0, 1));
  return toDataset(definition, files, `the folder ${folder}`);
}

/** @returns undefined where nothing is cached, and what is wrong with a copy that is damaged */
async function loadCached(
  definition: DatasetDefinition,
  options: LoadOptions,
): Promise<Dataset | DataError | undefined> {
  const folder = cachedFolder(options.cacheDir ?? defaultCacheDir(), definition);
  if (!(await isFolder(folder))) return undefined;
  try {
    const files = await readOfficialFiles(definition, folder, reporter(options, 0, 1));
    return toDataset(definition, files, (await cachedSource(folder)) ?? `the folder ${folder}`);
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

/** Tries the sources in order; one that was only slow is tried again, without haste, when all others have failed. */
async function loadFetched(
  definition: DatasetDefinition,
  sources: readonly Source[],
  options: LoadOptions,
  limits: TransferLimits,
): Promise<Dataset> {
  const failures: string[] = [];
  const slow: Source[] = [];
  const unhurried = { ...limits, patienceSeconds: Number.POSITIVE_INFINITY };
  const attempt = async (source: Source, within: TransferLimits): Promise<Dataset | undefined> => {
    try {
      return await fetchFrom(source, definition, options, within);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof SlowTransfer) slow.push(source);
      else if (!(error instanceof DataError)) throw error;
      failures.push(`${source.title}: ${error.message}`);
      return undefined;
    }
  };
  for (const [i, source] of sources.entries()) {
    const dataset = await attempt(source, i < sources.length - 1 ? limits : unhurried);
    if (dataset !== undefined) return dataset;
  }
  for (const source of slow) {
    const dataset = await attempt(source, unhurried);
    if (dataset !== undefined) return dataset;
  }
  throw new DataError(
    `Cannot load ${definition.title}: one of its sources must work, got ${failures.join('; ')}; connect to the network, ` +
      `or ${definition.repair} and name the folder with --data DIR or NORMSCOPE_DATA`,
  );
}

async function fetchFrom(
  source: Source,
  definition: DatasetDefinition,
  options: LoadOptions,
  limits: TransferLimits,
): Promise<Dataset> {
  const { signal, cacheDir = defaultCacheDir() } = options;
  const workplace = await openWorkplace(cachedFolder(cacheDir, definition));
  try {
    const { files: folder, scratch } = workplace;
    const context = { definition, scratch, limits, signal, report: reporter(options, 0, 0.95) };
    await asStorage(folder, () => source.fetch(folder, context));
    const files = await readOfficialFiles(definition, folder, reporter(options, 0.95, 1));
    const dataset = toDataset(definition, files, source.title);
    signal?.throwIfAborted();
    await workplace.publish(source.title);
    return dataset;
  } finally {
    await workplace.close();
  }
}

function toDataset(definition: DatasetDefinition, files: OfficialFiles, source: string): Dataset {
  const { name, classes, shape, mean, std, decode } = definition;
  const train = decode(files.train, { classes, shape });
  const test = decode(files.test, { classes, shape });
  const hash = createHash('sha256');
  for (const { images, labels } of [train, test]) hash.update(images).update(labels);
  return { name, classes, shape, train, test, mean, std, checksum: hash.digest('hex'), source };
}

/** Reports a step's own fraction as the part from `start` to `end` of the whole way. */
function reporter(
  { onProgress }: LoadOptions,
  start: number,
  end: number,
): (fraction: number, bytes: number, message: string) => void {
  return (fraction, bytes, message) => onProgress?.({ fraction: start + (end - start) * fraction, bytes, message });
}

function definitionOf(name: string): DatasetDefinition {
  if (!Object.hasOwn(datasets, name)) throw unknownName('data set', name, Object.keys(datasets));
  return datasets[name as DatasetName];
}
