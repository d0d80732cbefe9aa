/** @file The lab's page as it was built, file by file, with the data sets that a user adds. */

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Dataset, DatasetName } from '../../data/dataset.ts';
import { datasets } from '../../data/datasets.ts';
import { need, StorageError } from '../../errors.ts';
import { listFolder } from '../../records/node/atomic.ts';
import { withStorageErrors } from '../../records/node/storage-errors.ts';
import { encodeDataset } from '../dataset-file.ts';
import { labSubset, type SubsetSize } from '../subset.ts';

/** Every file of the page by its name; there are no folders below it. */
export type PageFiles = ReadonlyMap<string, Uint8Array>;

/** One data set of the page, as `data.json` lists it. */
export interface ListedData {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly licence: string;
}

/** What `data.json` says of data whose owners say nothing. */
const UNKNOWN = 'unknown';

/** The same from `src` and from `dist`. */
const builtFolder = fileURLToPath(new URL('../../../dist/lab/page/', import.meta.url));

/**
 * The page as `npm run build` leaves it.
 * @throws {StorageError} where it was not built, or cannot be read
 */
export function readPage(folder: string = builtFolder): PageFiles {
  const names = listFolder(folder).filter((name) => !name.endsWith('.tmp'));
  const needed = ['index.html', 'lab.js', 'arm.js', 'engine.wasm.gz', 'data.json', 'catalogue.json'];
  const missing = needed.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new StorageError(
      `The lab's page must be in ${folder}, but ${missing} is not there; run 'npm ci && npm run build' in a clone, or install the package again`,
    );
  }
  const read = (name: string): Uint8Array =>
    withStorageErrors('read', name, () => fs.readFileSync(`${folder}/${name}`));
  return new Map(names.map((name) => [name, read(name)]));
}

/** The data sets that a page lists; none where it has no list. */
export function listedData(files: PageFiles): readonly ListedData[] {
  const list = files.get('data.json');
  return list === undefined ? [] : (JSON.parse(new TextDecoder().decode(list)) as readonly ListedData[]);
}

/** Whether those who made a data set say under which licence it may be passed on. */
export function isLicenceKnown(name: DatasetName): boolean {
  return name === 'fashion-mnist';
}

/**
 * The page with the first examples of one more data set, or with others of one that it has.
 * @throws {SettingError} unless the data set has that many examples
 */
export function withData(files: PageFiles, dataset: Dataset, size: SubsetSize): PageFiles {
  const name = dataset.name as DatasetName;
  const file = `${name}.gz`;
  const earlier = listedData(files);
  const known = earlier.find((listed) => listed.name === name)?.licence;
  const count = (number: number): string => number.toLocaleString('en');
  const added: ListedData = {
    name,
    title: `${datasets[name].title}, ${count(size.train)} + ${count(size.test)} images`,
    file,
    licence: isLicenceKnown(name) ? need(known, `the licence of ${name} in the page's list`) : UNKNOWN,
  };
  const list = [...earlier.filter((listed) => listed.name !== name), added];
  const bytes = gzipSync(encodeDataset(labSubset(dataset, size)), { level: 9 });
  return new Map([
    ...files,
    [file, bytes],
    ['data.json', new TextEncoder().encode(`${JSON.stringify(list, null, 2)}\n`)],
  ]);
}
