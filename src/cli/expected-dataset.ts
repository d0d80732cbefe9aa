/** @file A data set as it will be, before it is loaded: so that a bad request is refused before anything is fetched. */

import type { Dataset, DatasetName } from '../data/dataset.ts';
import { datasets, type OfficialFile } from '../data/datasets.ts';
import { unknownName } from '../errors.ts';

/** @throws {SettingError} with the nearest known name. */
export function datasetName(name: string): DatasetName {
  if (Object.hasOwn(datasets, name)) return name as DatasetName;
  throw unknownName('data set', name, Object.keys(datasets));
}

/** The form and the size of a data set, without its images. */
export function expectedDataset(name: DatasetName): Dataset {
  const { classes, shape, mean, std, train, test, cachedAs = name } = datasets[name];
  // One byte per value and one per label; the headers of all files together are shorter than one example.
  const stored = datasets[cachedAs].shape;
  const bytesPerExample = 1 + stored[0] * stored[1] * stored[2];
  const split = (files: readonly OfficialFile[]): Dataset['train'] => {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return { images: new Uint8Array(), labels: new Uint8Array(), count: Math.floor(bytes / bytesPerExample) };
  };
  return { name, classes, shape, mean, std, train: split(train), test: split(test), checksum: '', source: '' };
}
