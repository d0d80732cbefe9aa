/** @file Ways of drawing a mini-batch, and the squared distance of its mean gradient from the full one. */

import { need } from '../../errors.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { squareOf, wholePower } from '../../math/power.ts';
import type { RandomStream } from '../../math/random.ts';

/** The gradients of N examples as distances from their mean, ∇l_i − ∇l. */
export interface Population {
  readonly distances: readonly Float64Array[];
  /** C = (1/N) Σ ‖∇l_i − ∇l‖². */
  readonly noise: number;
}

export function distances(gradients: readonly Float64Array[]): Population {
  const count = gradients.length;
  const centre = sumOf(gradients).map((sum) => sum / count);
  const centred = gradients.map((gradient) =>
    gradient.map((value, k) => value - need(centre[k], 'a mean of each number')),
  );
  return {
    distances: centred,
    noise: centred.reduce((sum, distance) => sum + innerProduct(distance, distance), 0) / count,
  };
}

export type Sampling = 'with replacement' | 'without replacement';

export const samplings: Readonly<
  Record<
    Sampling,
    {
      readonly draw: (stream: RandomStream, examples: number, size: number) => ArrayLike<number>;
      /** E‖alpha ∇l − alpha ∇SGD‖² over alpha² C / |B|. */
      readonly factor: (examples: number, size: number) => number;
    }
  >
> = {
  'with replacement': {
    draw: (stream, examples, size) => Uint32Array.from({ length: size }, () => stream.integer(examples)),
    factor: () => 1,
  },
  'without replacement': {
    draw: (stream, examples, size) => stream.permutation(examples).subarray(0, size),
    factor: (examples, size) => (examples - size) / (examples - 1),
  },
};

/** ‖(alpha/|B|) Σ_{i in B} (∇l_i − ∇l)‖² = ‖alpha ∇SGD − alpha ∇l‖² of one batch. */
export function batchNoise({ distances }: Population, batch: ArrayLike<number>, alpha: number): number {
  const members = Array.from(batch, (index) => {
    const distance = distances[index];
    if (distance === undefined) throw new RangeError(`A batch must hold examples of its population, got ${index}`);
    return distance;
  });
  const sum = sumOf(members);
  return squareOf(alpha / batch.length) * innerProduct(sum, sum);
}

/** Every batch of a size, each as likely as any other: ordered with replacement, as sets without. */
export function allBatches(examples: number, size: number, sampling: Sampling): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return allBatches(examples, size - 1, sampling).flatMap((batch) => {
    const first = sampling === 'with replacement' ? 0 : (batch.at(-1) ?? -1) + 1;
    return Array.from({ length: examples - first }, (_, i) => [...batch, first + i]);
  });
}

/** E‖(1/b) Σ z_i (∇l_i − ∇l)‖² for independent z_i, 1 with the given probability p and else 0, b = p N: over all subsets. */
export function bernoulliNoise(population: Population, probability: number): number {
  const count = population.distances.length;
  let expected = 0;
  for (let subset = 1; subset < wholePower(2, count); subset++) {
    const batch = population.distances.flatMap((_, i) => ((subset >> i) & 1 ? [i] : []));
    const chance = wholePower(probability, batch.length) * wholePower(1 - probability, count - batch.length);
    // The batch's own size divides in `batchNoise`; here its expected size does.
    expected += chance * batchNoise(population, batch, batch.length / (probability * count));
  }
  return expected;
}

function sumOf(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(need(vectors[0], 'a vector').length);
  for (const vector of vectors)
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + need(vector[k], 'a number in each vector');
  return sum;
}
