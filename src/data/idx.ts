/** @file The IDX layout of MNIST and its successors: a big-endian header of magic number and sizes, then bytes. */
import { counted } from '../counted.ts';
import { DataError } from '../errors.ts';
import type { ImageForm, Split } from './dataset.ts';
import { assertLabels } from './labels.ts';

/**
 * The examples of a pair of files: images, then labels.
 * @throws {DataError} if a header or a length is not what the form asks for, or a label names no class
 */
export function decodeIdx(files: readonly Uint8Array[], { classes, shape: [C, H, W] }: ImageForm): Split {
  const [imageFile = new Uint8Array(), labelFile = new Uint8Array()] = files;
  const [count = 0] = readHeader(imageFile, 'images', C === 1 ? [undefined, H, W] : [undefined, C, H, W]);
  readHeader(labelFile, 'labels', [count]);
  const images = imageFile.slice(imageFile.length - count * C * H * W);
  const labels = labelFile.slice(labelFile.length - count);
  assertLabels(labels, classes);
  return { images, labels, count };
}

/** The sizes of an IDX file of bytes, checked against the expected ones (undefined: any) and the file's length. */
function readHeader(file: Uint8Array, what: string, expected: readonly (number | undefined)[]): number[] {
  const headerBytes = 4 + 4 * expected.length;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  // Two zero bytes, type 8 (unsigned byte), number of dimensions.
  if (file.length < headerBytes || view.getUint32(0) !== 0x0800 + expected.length) {
    throw new DataError(
      `Cannot decode the IDX ${what}: the file must start with 00 00 08 ${String(expected.length).padStart(2, '0')} ` +
        `and ${expected.length} sizes; it is damaged, fetch it again`,
    );
  }
  const sizes = expected.map((_, i) => view.getUint32(4 + 4 * i));
  if (sizes.some((size, i) => size !== (expected[i] ?? size))) {
    const wanted = expected.map((size) => size ?? 'N').join(', ');
    throw new DataError(
      `Cannot decode the IDX ${what}: the sizes must be [${wanted}], got [${sizes.join(', ')}]; it is another file`,
    );
  }
  const bytes = headerBytes + sizes.reduce((product, size) => product * size, 1);
  if (file.length !== bytes) {
    throw new DataError(
      `Cannot decode the IDX ${what}: the file must hold ${counted(bytes, 'byte')}, got ${file.length}; ` +
        'it is truncated, fetch it again',
    );
  }
  return sizes;
}
