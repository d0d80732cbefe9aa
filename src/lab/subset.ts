/** @file A data set small enough to be fetched by a page: the first examples of a larger one. */
import { type Dataset, subset } from '../data/dataset.ts';
import { sha256Hex } from '../records/hash.ts';
import { payloadOf } from './dataset-file.ts';

/** How many examples of each split. */
export interface SubsetSize {
  readonly train: number;
  readonly test: number;
}

/**
 * The first so many examples of each split. Means and standard deviations stay those of all training images, so that
 * the same image is the same input; the checksum is that of the subset's own bytes, and `source` says what it is of.
 * @throws {SettingError} unless each size is an integer from 1 to the number of examples there
 */
export function labSubset(dataset: Dataset, size: SubsetSize): Dataset {
  const train = subset(dataset.train, size.train);
  const test = subset(dataset.test, size.test);
  const of = `the first ${size.train} + ${size.test} of ${dataset.train.count} + ${dataset.test.count} images`;
  const checksum = dataset.name === 'synthetic' ? `${dataset.checksum}: ${of}` : sha256Hex(payloadOf({ train, test }));
  return { ...dataset, train, test, checksum, source: `${of} of ${dataset.name} from ${dataset.source}` };
}
