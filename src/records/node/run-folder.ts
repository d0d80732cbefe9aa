/** @file The folder of one run: what was asked for, on what machine, what was measured, and the report. */
import fs from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { SettingError, StorageError } from '../../errors.ts';
import { makeFolder, readJson, writeFileAtomic, writeJson } from './atomic.ts';
import type { JsonObject } from '../canonical-json.ts';
import { hashJson } from '../hash.ts';
import { encodeMetrics } from '../metrics-json.ts';
import { encodeParquet } from '../parquet.ts';
import type { RecordTable } from '../record.ts';
import { maybeErrorCode, toStorageError, withStorageErrors } from './storage-errors.ts';
import { encodeEvents } from '../tfevents.ts';

/** The writers of a run folder. All but `logEvent` replace a whole file atomically, and throw StorageError if refused. */
export interface RunFolder {
  readonly path: string;
  /** Appends a line with the wall-clock time to `log.jsonl`: the only file of a run that holds times. */
  logEvent(event: string, fields?: JsonObject): void;
  /** `manifest.json`: versions, hardware, lowering, checksums, seeds, threads, and the cells used. */
  writeManifest(manifest: JsonObject): void;
  /** `metrics.parquet`, `metrics.json` and the TensorBoard events, those asked for, all derived from the same records. */
  writeRecords(table: RecordTable, formats: readonly RecordFormat[]): void;
  /** `report.html`. @returns its path. */
  writeReport(html: string): string;
  /** `figures/<name>.svg`. @returns its path. */
  writeFigure(name: string, svg: string): string;
  /**
   * Does the work of the run. Until it is done, `UNFINISHED.txt` says that it is not, and why if that is known: whatever
   * stops a run, its folder tells.
   */
  whileUnfinished<T>(work: () => Promise<T>): Promise<T>;
}

/** The files that records can be written to. */
export const recordFormats = ['parquet', 'json', 'events'] as const;
export type RecordFormat = (typeof recordFormats)[number];

/** Where a run goes. */
export interface RunFolderOptions {
  /** The folder itself, in place of a new one with time, name and hash below the root. */
  readonly out?: string | undefined;
  /** Go on in `out` where it is a run of the same config. */
  readonly resume?: boolean | undefined;
  /** The folder of its cells, which the run remembers. */
  readonly cells?: string;
  /** The time in a new folder's name; default: now. */
  readonly now?: Date;
}

/**
 * Creates the folder of a run, `<root>/<time>-<name>-<hash8>/`, time in UTC, and writes its `config.json`.
 * @param name - what is run; characters that do not belong in a file name become hyphens.
 * @param config - fully resolved; its hash tells whether a folder is a run of the same.
 * @throws {StorageError} where `out` is a file, or a folder that is not empty and not resumed, or nothing can be written.
 */
export function createRunFolder(
  root: string,
  name: string,
  config: JsonObject,
  options: RunFolderOptions = {},
): RunFolder {
  const hash = hashJson(config);
  const path =
    options.out === undefined
      ? makeUniqueFolder(root, `${timeName(options.now ?? new Date())}-${fileName(name)}-${hash.slice(0, 8)}`)
      : takeFolder(options.out, hash, options.resume ?? false);
  const configPath = join(path, 'config.json');
  if (!fs.existsSync(configPath)) writeJson(configPath, config);
  if (options.cells !== undefined) writeJson(join(path, 'place.json'), { cells: resolve(options.cells) });
  return openRunFolder(path);
}

/** Where the cells of a run are, as an absolute path; undefined where the folder does not tell. */
export function rememberedCells(path: string): string | undefined {
  const place = join(path, 'place.json');
  if (!fs.existsSync(place)) return undefined;
  return z.object({ cells: z.string() }).safeParse(readJson(place)).data?.cells;
}

/**
 * The run folder at a path.
 * @throws {StorageError} where the path is not a run folder.
 */
export function openRunFolder(path: string): RunFolder {
  if (!fs.existsSync(join(path, 'config.json'))) {
    throw new StorageError(`Cannot open ${path} as a run folder: it has no config.json; give the folder of a run`);
  }
  return {
    path,
    logEvent(event, fields = {}) {
      const log = join(path, 'log.jsonl');
      const line = JSON.stringify({ time: new Date().toISOString(), event, ...fields });
      withStorageErrors('append to', log, () => fs.appendFileSync(log, `${line}\n`));
    },
    writeManifest: (manifest) => writeJson(join(path, 'manifest.json'), manifest),
    writeRecords(table, formats) {
      for (const format of formats) {
        const { name, encode } = recordFiles[format];
        writeFileAtomic(join(path, name), encode(table));
      }
    },
    writeReport(html) {
      const report = join(path, 'report.html');
      writeFileAtomic(report, html);
      return report;
    },
    writeFigure(name, svg) {
      const figures = join(path, 'figures');
      makeFolder(figures);
      const figure = join(figures, `${fileName(name)}.svg`);
      writeFileAtomic(figure, svg, { isDerived: true });
      return figure;
    },
    async whileUnfinished(work) {
      const note = join(path, 'UNFINISHED.txt');
      writeFileAtomic(note, 'This run is under way, or its process was killed. The same command goes on with it.\n');
      try {
        const result = await work();
        withStorageErrors('delete', note, () => fs.rmSync(note, { force: true }));
        return result;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        writeFileAtomic(note, `This run has not come to its end: ${why}\n`);
        throw error;
      }
    },
  };
}

const recordFiles: Readonly<
  Record<
    RecordFormat,
    { readonly name: string; readonly encode: (table: RecordTable) => Uint8Array | Iterable<string | Uint8Array> }
  >
> = {
  parquet: { name: 'metrics.parquet', encode: encodeParquet },
  json: { name: 'metrics.json', encode: encodeMetrics },
  // TensorBoard finds files by the middle of this name and expects a time and a host after it.
  events: { name: 'events.out.tfevents.0.normscope', encode: encodeEvents },
};

/** Creates a folder that was not there, with a number after its name where two runs begin in one second. */
function makeUniqueFolder(root: string, name: string): string {
  makeFolder(root);
  for (let count = 1; ; count++) {
    const path = join(root, count === 1 ? name : `${name}-${count}`);
    try {
      fs.mkdirSync(path);
      return path;
    } catch (error) {
      if (maybeErrorCode(error) !== 'EEXIST') throw toStorageError(error, 'create the folder', path);
    }
  }
}

/** Takes a folder named by the user: new, empty, or a run of the same config to resume. */
function takeFolder(path: string, hash: string, isResumed: boolean): string {
  makeFolder(path);
  const names = withStorageErrors('read the folder', path, () => fs.readdirSync(path));
  if (names.length === 0) return path;
  if (!names.includes('config.json')) {
    throw new StorageError(
      `Cannot write a run into ${path}: it holds other files (${names.length}); choose a new or empty folder`,
    );
  }
  if (hashJson(readJson(join(path, 'config.json'))) !== hash) {
    throw new StorageError(
      `Cannot write this run into ${path}: it holds a run of another config; choose another folder`,
    );
  }
  if (!isResumed) {
    throw new StorageError(
      `Cannot write a new run into ${path}: it holds this very run; add --resume to go on with it`,
    );
  }
  return path;
}

/** 2026-03-01T09:05:07Z as 20260301T090507Z: sorts by time and is a legal name everywhere. */
function timeName(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function fileName(name: string): string {
  const plain = basename(name.replaceAll(/[^A-Za-z0-9._]+/g, '-')).replaceAll(/^[-.]+|[-.]+$/g, '');
  if (plain === '') throw new SettingError(`Cannot name a file after '${name}': it has no letter or digit`);
  return plain;
}
