/** @file Small trained networks that are healthy, and the images that they were trained for: what a diagnosis is held to. */

import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import type { Examples } from '../../src/data/examples.ts';
import { classifier } from '../../src/problems/classifier.ts';
import type { Problem } from '../../src/problems/problem.ts';
import { decodeSafetensors } from '../../src/records/safetensors.ts';
import type { State } from '../../src/diagnosis/subject.ts';

export interface SmallNetwork {
  readonly model: 'mlp' | 'vgg11' | 'resnet20';
  readonly width: number;
  /** Of initial weights and batches. Thresholds were chosen on seeds 0 and 1; these are others. */
  readonly seed: number;
}

const widths = [
  ['mlp', 0.5],
  ['vgg11', 0.0625],
  ['resnet20', 0.375],
] as const;

/** Those that are kept beside this file, two of each architecture. */
export const smallNetworks: readonly SmallNetwork[] = widths.flatMap(([model, width]) =>
  [2, 3].map((seed) => ({ model, width, seed })),
);

export function smallProblem({ model, width }: SmallNetwork, norm: 'batch' | 'none' = 'batch'): Problem {
  return classifier(model, { input: [1, 28, 28], classes: 10, width, norm });
}

export function fileOf({ model, seed }: SmallNetwork): URL {
  return new URL(`${model}-${seed}.safetensors`, import.meta.url);
}

/** Parameters and running statistics as they were trained. */
export function trainedState(network: SmallNetwork): State {
  const { tensors } = decodeSafetensors(readFileSync(fileOf(network)));
  return new Map([...tensors].map(([name, { data }]) => [name, data]));
}

export const imagesFile: URL = new URL('mnist-test-512.png', import.meta.url);

/** The first 512 test images of MNIST. One row of the PNG is one image, its label before its pixels. */
export function digits(): Examples {
  const { width, height, data } = decode(readFileSync(imagesFile));
  const size = width - 1;
  const x = new Uint8Array(height * size);
  for (let row = 0; row < height; row++)
    x.set(data.subarray(row * width + 1, (row + 1) * width) as Uint8Array, row * size);
  const labels = Int32Array.from({ length: height }, (_, row) => data[row * width] as number);
  return { x, labels, count: height, shape: [1, 28, 28], classes: 10, isPixels: true, source: imagesFile.pathname };
}
