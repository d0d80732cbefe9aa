import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { decodeIdx } from './idx.ts';

const form = { classes: 4, shape: [1, 2, 3] as const };
const images = Uint8Array.of(
  0,
  0,
  8,
  3,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  3,
  ...Array.from({ length: 12 }, (_, i) => 20 * i),
);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 3, 1);

/** A copy with one byte changed. */
function damaged(file: Uint8Array, at: number, value: number): Uint8Array {
  return file.with(at, value);
}

describe('decodeIdx()', () => {
  it('takes images and labels from behind their headers', () => {
    const split = decodeIdx([images, labels], form);
    expect(split.count).toBe(2);
    expect([...split.images]).toEqual(Array.from({ length: 12 }, (_, i) => 20 * i));
    expect([...split.labels]).toEqual([3, 1]);
  });

  it('reads files that are parts of a larger buffer', () => {
    const padded = Uint8Array.of(99, 99, 99, ...images);
    expect(decodeIdx([padded.subarray(3), labels], form).images[1]).toBe(20);
  });

  it.each([
    ['images with the magic number of labels', damaged(images, 3, 1), labels, /must start with 00 00 08 03/],
    ['an empty file', new Uint8Array(0), labels, /must start with 00 00 08 03/],
    ['images of another size', damaged(images, 11, 5), labels, /sizes must be \[N, 2, 3\], got \[2, 5, 3\]/],
    ['truncated images', images.subarray(0, 27), labels, /must hold 28 bytes, got 27; it is truncated/],
    ['truncated labels', images, labels.subarray(0, 9), /labels: the file must hold 10 bytes, got 9/],
    ['more images than labels', images, damaged(labels, 7, 1), /sizes must be \[2\], got \[1\]/],
    ['a label that names no class', images, damaged(labels, 8, 4), /below 4, got 4 for example 0/],
  ])('throws on %s', (_, imageFile, labelFile, message) => {
    expect(() => decodeIdx([imageFile, labelFile], form)).toThrow(message);
    expect(() => decodeIdx([imageFile, labelFile], form)).toThrow(DataError);
  });
});
