/** @file Labelled examples of any origin, as they lie in memory, and batches of them. */

import { elementCount } from '../graph/tensor-type.ts';
import { counted } from '../counted.ts';
import { DataError, SettingError } from '../errors.ts';
import { createStream } from '../math/random.ts';
import type { Dataset, Split } from './dataset.ts';
import { type Scaling, scaleInto } from './scalings.ts';

/** What a network can be measured on. */
export interface Examples {
  /** [N, …shape] row by row. */
  readonly x: Uint8Array | Float32Array;
  /** [N], each below the number of classes. */
  readonly labels: Int32Array;
  /** N. */
  readonly count: number;
  /** Of one example: [C, H, W] for images, [D] for vectors. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Whether x is made of pixels from 0 to 255, which a network is fed only after some scaling. */
  readonly isPixels: boolean;
  /** Where they came from, for people to read. */
  readonly source: string;
}

/** Batch number `index`: x [N, …shape] as the network is fed it, and labels [N]. */
export type ExampleBatches = (index: number) => { readonly x: Float32Array; readonly labels: Int32Array };

/** The examples of one split of a data set. */
export function examplesOf(
  { classes, shape, source }: Pick<Dataset, 'classes' | 'shape' | 'source'>,
  { images, labels, count }: Split,
): Examples {
  return { x: images, labels: Int32Array.from(labels), count, shape, classes, isPixels: true, source };
}

/**
 * Batches in shuffled order: batch i has the examples i·N … i·N + N − 1 of permutations of stream (seed, 'shuffle', 0),
 * (seed, 'shuffle', 1), … one after the other, of each of which the incomplete last batch is left out. A pure function of
 * (seed, i).
 * @throws {SettingError} unless the batch size is a whole number from 1 to the number of examples.
 */
export function exampleBatches(
  examples: Examples,
  scaling: Scaling,
  { batchSize, seed }: { readonly batchSize: number; readonly seed: number },
): ExampleBatches {
  const { count, shape, labels } = examples;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > count) {
    throw new SettingError(
      `A batch must have from 1 to all of ${counted(count, 'example')}, got ${batchSize}; try ${Math.min(64, count)}`,
    );
  }
  const perEpoch = Math.floor(count / batchSize);
  const orders = new Map<number, Uint32Array>();
  const orderOf = (epoch: number): Uint32Array => {
    const order = orders.get(epoch) ?? createStream({ seed, purpose: 'shuffle', step: epoch }).permutation(count);
    orders.set(epoch, order);
    return order;
  };
  const size = elementCount(shape);
  return (index) => {
    const epoch = Math.floor(index / perEpoch);
    const first = (index - epoch * perEpoch) * batchSize;
    const chosen = orderOf(epoch).subarray(first, first + batchSize);
    const x = new Float32Array(batchSize * size);
    scaleInto(x, examples, scaling, chosen);
    return { x, labels: Int32Array.from(chosen, (example) => labels[example] as number) };
  };
}

/** @throws {DataError} where shapes and counts do not fit, or a label names no class. */
export function checkExamples({ x, labels, count, shape, classes, source }: Examples): void {
  const size = elementCount(shape);
  if (count < 2) throw new DataError(`Examples must be 2 or more, got ${count} from ${source}`);
  if (x.length !== count * size || labels.length !== count) {
    throw new DataError(
      `${counted(count, 'example')} of [${shape.join(',')}] must be ${counted(count * size, 'number')} with ` +
        `${counted(count, 'label')}, got ${x.length} with ${labels.length} from ${source}`,
    );
  }
  const bad = labels.findIndex((label) => label < 0 || label >= classes);
  if (bad >= 0) {
    throw new DataError(
      `Labels must lie in 0 … ${classes - 1}, got ${labels[bad]} for example ${bad} from ${source}; ` +
        'check that these are the labels of this network',
    );
  }
}
