/** @file CIFAR-10's official layout: records of one label byte, then the red, green and blue planes, row by row. */
import { counted } from '../counted.ts';
import { DataError } from '../errors.ts';
import type { ImageForm, Split } from './dataset.ts';
import { assertLabels } from './labels.ts';

/**
 * The examples of several files, in order.
 * @throws {DataError} if a file does not hold whole records or holds a label that names no class
 */
export function decodeCifarBinary(files: readonly Uint8Array[], { classes, shape: [C, H, W] }: ImageForm): Split {
  const pixels = C * H * W;
  const record = 1 + pixels;
  for (const file of files) {
    if (file.length === 0 || file.length % record !== 0) {
      throw new DataError(
        `Cannot decode a CIFAR file: it must hold whole records of ${record} bytes, got ${counted(file.length, 'byte')}; ` +
          'it is truncated, fetch it again',
      );
    }
  }
  const count = files.reduce((sum, file) => sum + file.length / record, 0);
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  let example = 0;
  for (const file of files) {
    for (let start = 0; start < file.length; start += record) {
      labels[example] = file[start] ?? 0;
      images.set(file.subarray(start + 1, start + record), example * pixels);
      example++;
    }
  }
  assertLabels(labels, classes);
  return { images, labels, count };
}
