/** @file CIFAR images packed into a PNG, one image per row of pixels, back into the official records. */
import { decode } from 'fast-png';
import { DataError } from '../errors.ts';

/**
 * Rewrites a PNG of H·W × N RGB pixels as N official records: label byte, red plane, green plane, blue plane.
 * @param labels - [N]
 * @throws {DataError} if the PNG is truncated, or its size does not fit the labels and the image's pixels
 */
export function cifarRecordsOfPng(png: Uint8Array, labels: readonly number[], pixels: number): Uint8Array {
  const { width, height, channels, depth, data } = decodeOrThrow(png);
  if (width !== pixels || height !== labels.length || channels !== 3 || depth !== 8) {
    throw new DataError(
      `Cannot unpack a PNG of images: it must be ${pixels} × ${labels.length} pixels of 3 channels with 8 bits, ` +
        `got ${width} × ${height} of ${channels} with ${depth}; it is another file`,
    );
  }
  const record = 1 + 3 * pixels;
  const records = new Uint8Array(labels.length * record);
  for (const [row, label] of labels.entries()) {
    const start = row * record;
    records[start] = label;
    for (let channel = 0; channel < 3; channel++) {
      const plane = start + 1 + channel * pixels;
      let from = row * pixels * 3 + channel;
      for (let pixel = 0; pixel < pixels; pixel++, from += 3) records[plane + pixel] = data[from] ?? 0;
    }
  }
  return records;
}

function decodeOrThrow(png: Uint8Array): ReturnType<typeof decode> {
  try {
    return decode(png);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`Cannot unpack a PNG of images: it is truncated or damaged (${reason}); fetch it again`, {
      cause: error,
    });
  }
}
