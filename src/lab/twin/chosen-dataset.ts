/**
 * @file The data set of a twin, from files that whoever reads a report has chosen: no report carries images, of which few say who may
 * pass them on.
 */

import type { Dataset, DatasetName } from '../../data/dataset.ts';
import { type DatasetDefinition, datasets } from '../../data/datasets.ts';
import { DataError } from '../../errors.ts';
import { sha256Hex } from '../../records/hash.ts';
import { payloadOf } from '../dataset-file.ts';

/** What must be chosen for a twin that trains. */
export interface TwinData {
  readonly name: DatasetName;
  /** The data set whose files are read: some are another reading of another's. */
  readonly source: DatasetName;
  /** "CIFAR-10". */
  readonly title: string;
  /** The official files, uncompressed or with `.gz` at the end of their names. */
  readonly files: readonly string[];
  /** How to come by them. */
  readonly repair: string;
  /** Of the data set that they make: SHA-256 over train images, train labels, test images and test labels. */
  readonly checksum: string;
}

/** @param checksum - of the data set that the twin was trained on */
export function twinData(definition: DatasetDefinition, checksum: string): TwinData {
  const { name, cachedAs: source = name, title, train, test, repair } = definition;
  return { name, source, title, files: [...train, ...test].map((file) => file.name), repair, checksum };
}

/**
 * The chosen file of each that is needed, in their order; a file may end in `.gz`, and have a dot for the hyphen before `idx` as some
 * archives have it.
 * @returns the names of those that are missing, where there are any
 */
export function matchedFiles<File extends { readonly name: string }>(
  files: readonly string[],
  chosen: readonly File[],
): { readonly found: readonly File[]; readonly missing: readonly string[] } {
  const plain = (name: string): string => name.replace(/\.gz$/, '').replace(/\.(?=idx\d-ubyte$)/, '-');
  const pairs = files.map((name) => ({ name, file: chosen.find((one) => plain(one.name) === name) }));
  return {
    found: pairs.flatMap(({ file }) => file ?? []),
    missing: pairs.filter(({ file }) => file === undefined).map(({ name }) => name),
  };
}

/**
 * The data set, verified to the last byte.
 * @param contents - of the files that are needed, uncompressed and in their order
 * @throws {DataError} where they cannot be decoded, or make another data set
 */
export function chosenDataset({ name, title, checksum }: TwinData, contents: readonly Uint8Array[]): Dataset {
  const { classes, shape, mean, std, decode, train, test } = datasets[name];
  const form = { classes, shape };
  const splits = {
    train: decode(contents.slice(0, train.length), form),
    test: decode(contents.slice(train.length, train.length + test.length), form),
  };
  const found = sha256Hex(payloadOf(splits));
  if (found !== checksum) {
    throw new DataError(
      `The chosen files are not the data that the report trained on: SHA-256 of ${title} must be ${checksum}, got ${found}; fetch the official files again`,
    );
  }
  return { name, ...form, mean, std, ...splits, checksum, source: 'files that were chosen' };
}
