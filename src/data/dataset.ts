/** @file What a data set is once it is in memory. */
import { SettingError } from '../errors.ts';

export type DatasetName = 'cifar10' | 'cifar10-16' | 'mnist' | 'mnist-binary' | 'fashion-mnist';

/** Labelled images. */
export interface Split {
  /** [N, C, H, W] in row-major order, 0 to 255. */
  readonly images: Uint8Array;
  /** [N], each below the number of classes. */
  readonly labels: Uint8Array;
  /** N. */
  readonly count: number;
}

/** What the images of a data set look like. */
export interface ImageForm {
  readonly classes: number;
  readonly shape: readonly [C: number, H: number, W: number];
}

export interface Dataset extends ImageForm {
  /** 'synthetic' marks made-up images, which are for tests only. */
  readonly name: DatasetName | 'synthetic';
  readonly train: Split;
  readonly test: Split;
  /** Per channel over the training images, with pixels scaled to [0, 1]. */
  readonly mean: readonly number[];
  /** Per channel over the training images, with pixels scaled to [0, 1]. */
  readonly std: readonly number[];
  /** SHA-256 over train images, train labels, test images and test labels; a description where the data is synthetic. */
  readonly checksum: string;
  /** Where the bytes came from, for people to read. */
  readonly source: string;
}

/** How far a data set has come on its way into memory. */
export interface DataProgress {
  /** Of the whole way, in [0, 1]; starts again at 0 when another source is tried. */
  readonly fraction: number;
  /** How many bytes the present step has handled. */
  readonly bytes: number;
  readonly message: string;
  /** Set where the message must be read whatever follows it: that a copy was damaged, and what was done about it. */
  readonly isNotice?: true;
}

/**
 * The first `count` examples of a split, sharing its memory.
 * @throws {SettingError} unless count is an integer in [1, split.count]
 */
export function subset(split: Split, count: number): Split {
  if (!Number.isInteger(count) || count < 1 || count > split.count) {
    throw new SettingError(`Cannot take a subset: its size must be an integer in [1, ${split.count}], got ${count}`);
  }
  const perImage = split.images.length / split.count;
  return { images: split.images.subarray(0, count * perImage), labels: split.labels.subarray(0, count), count };
}
