/** @file The folder of one run: what was asked for, on what machine, what was measured, and the report. */
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { SettingError, StorageError } from '../../errors.ts';
import { makeFolder, readJson, writeFileAtomic, writeJson } from './atomic.ts';
import type { JsonObject } from '../canonical-json.ts';
import { hashJson } from '../hash.ts';
import { encodeMetrics } from '../metrics-json.ts';
import { encodeParquet } from '../parquet.ts';
import type { CellRecord } from '../record.ts';
import { maybeErrorCode, toStorageError, withStorageErrors } from './storage-errors.ts';
import { encodeEvents } from '../tfevents.ts';

/** The writers of a run folder. All but `logEvent` replace a whole file atomically, and throw StorageError if refused. */
export interface RunFolder {
  readonly path: string;
  /** Appends a line with the wall-clock time to `log.jsonl`: the only file of a run that holds times. */
  logEvent(event: string, fields?: JsonObject): void;
  /** `manifest.json`: versions, hardware, lowering, checksums, seeds, threads, and the cells used. */
  writeManifest(manifest: JsonObject): void;
  /** `metrics.parquet`, `metrics.json` and the TensorBoard events, all derived from the same records. */
  writeRecords(records: readonly CellRecord[]): void;
  /** `report.html`. @returns its path. */
  writeReport(html: string): string;
  /** `figures/<name>.svg`. @returns its path. */
  writeFigure(name: string, svg: string): string;
}

/** Where a run goes. */
export interface RunFolderOptions {
  /** The folder itself, in place of a new one with time, name and hash below the root. */
  readonly out?: string;
  /** Go on in `out` where it is a run of the same config. */
  readonly resume?: boolean;
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
  return openRunFolder(path);
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
    writeRecords(records) {
      writeFileAtomic(join(path, 'metrics.parquet'), encodeParquet(records));
      writeFileAtomic(join(path, 'metrics.json'), encodeMetrics(records));
      // TensorBoard finds files by the middle of this name and expects a time and a host after it.
      writeFileAtomic(join(path, 'events.out.tfevents.0.normscope'), encodeEvents(records));
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
      writeFileAtomic(figure, svg);
      return figure;
    },
  };
}

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
