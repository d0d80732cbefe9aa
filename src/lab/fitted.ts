/** @file Images as a network needs them: VGG halves them five times, and gets a black frame where they are too small. */

import type { Dataset, Split } from '../data/dataset.ts';

/** Pixels per side that VGG needs. */
const LEAST_SIDE = 32;

/** The data set itself, or one of 32 × 32 pixels with the images in the middle. */
export function fitted(dataset: Dataset, network: string): Dataset {
  const [channels, height, width] = dataset.shape;
  if (network !== 'vgg11' || (height >= LEAST_SIDE && width >= LEAST_SIDE)) return dataset;
  const frame = (split: Split): Split => ({ ...split, images: framed(split, dataset.shape) });
  return {
    ...dataset,
    shape: [channels, LEAST_SIDE, LEAST_SIDE],
    train: frame(dataset.train),
    test: frame(dataset.test),
  };
}

function framed({ images, count }: Split, [channels, height, width]: Dataset['shape']): Uint8Array {
  const made = new Uint8Array(count * channels * LEAST_SIDE * LEAST_SIDE);
  const [down, right] = [(LEAST_SIDE - height) >> 1, (LEAST_SIDE - width) >> 1];
  for (let plane = 0; plane < count * channels; plane++) {
    for (let row = 0; row < height; row++) {
      const from = (plane * height + row) * width;
      made.set(images.subarray(from, from + width), (plane * LEAST_SIDE + row + down) * LEAST_SIDE + right);
    }
  }
  return made;
}
