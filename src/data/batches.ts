/** @file Batches of standardised images: seeded and shuffled for training, in order for evaluation. */
import { SettingError } from '../errors.ts';
import { createStream } from '../math/random.ts';
import type { Dataset, Split } from './dataset.ts';
import { assertBuffers, type BatchBuffers, createDrawing, type DrawImages, newBuffers } from './draw-images.ts';

export interface BatchOptions {
  /** N, from 1 to the number of examples. */
  readonly batchSize: number;
  readonly seed: number;
  /**
   * Pads each image by 4 black pixels, crops it back at random and mirrors it with probability 1/2 (he2016, section
   * 4.2). Mirrored digits are no digits: leave it off for MNIST.
   */
  readonly augment: boolean;
}

export interface Batch {
  /** [N, C, H, W]: (pixel / 255 − mean) / std of its channel. */
  readonly x: Float32Array;
  /** [N] class numbers. */
  readonly y: Int32Array;
  /** How many times all examples were seen before; 0 in evaluation. */
  readonly epoch: number;
  /** How many of the N examples count; below N only in the last batch of an evaluation. */
  readonly size: number;
}

export interface Batches {
  readonly stepsPerEpoch: number;
  /**
   * The batch of one step, written into the buffers if they are given and into new ones otherwise.
   * @throws {ShapeError} if a buffer has another length than the batch
   */
  batch(step: number, into?: BatchBuffers): Batch;
}

/**
 * The training batches of a split. The batch of step t is a pure function of (seed, t): t lies in epoch
 * e = floor(t / stepsPerEpoch), the epoch's order is the permutation of stream (seed, 'shuffle', e), and each image in
 * turn draws from stream (seed, 'augment', t) the crop's top and left in 0 … 8, then the mirror in 0 … 1.
 * stepsPerEpoch = floor(count / batchSize): the incomplete batch at the end of an epoch is left out.
 * @throws {SettingError} unless batchSize is an integer in [1, split.count]
 * @throws {ShapeError} if the split's images have another shape than the data set's
 */
export function createBatches(split: Split, dataset: Dataset, options: BatchOptions): Batches {
  const { batchSize, seed, augment } = options;
  assertFits(batchSize, split);
  const stepsPerEpoch = Math.floor(split.count / batchSize);
  const draw = createDrawing(split, dataset);
  const orderOf = createOrders(seed, split.count);
  return {
    stepsPerEpoch,
    batch(step, into) {
      const epoch = Math.floor(step / stepsPerEpoch);
      const random = createStream({ seed, purpose: 'augment', step });
      const first = (step - epoch * stepsPerEpoch) * batchSize;
      const { x, y } = into ?? newBuffers(dataset, batchSize);
      assertBuffers({ x, y }, dataset, batchSize);
      const examples = orderOf(epoch).subarray(first, first + batchSize);
      draw(examples, { x, y }, augment ? random : undefined);
      return { x, y, epoch, size: batchSize };
    },
  };
}

/**
 * Batches for measurements, which leave the order of the training as it is. Batch `index` of step t has the first
 * examples of the permutation of stream (seed, 'probe', t, 'batch-<index>'), and none twice; augmented, each image in
 * turn draws on from the same stream, as it does in training. Each batch has arrays of its own.
 * @throws {SettingError} unless batchSize is an integer in [1, split.count]
 * @throws {ShapeError} if the split's images have another shape than the data set's
 */
export function drawnBatches(
  split: Split,
  dataset: Dataset,
  { batchSize, seed, augment }: BatchOptions,
): (step: number, index: number) => Batch {
  assertFits(batchSize, split);
  const draw = createDrawing(split, dataset);
  return (step, index) => {
    const random = createStream({ seed, purpose: 'probe', step, layer: `batch-${index}` });
    const { x, y } = newBuffers(dataset, batchSize);
    draw(random.permutation(split.count), { x, y }, augment ? random : undefined);
    return { x, y, epoch: 0, size: batchSize };
  };
}

/**
 * All examples of a split in order, none augmented, in batches of equal shape: the last is filled up with examples from
 * the start of the split, and its `size` says how many count. Each batch has arrays of its own.
 * @throws {SettingError} unless batchSize is a positive integer
 * @throws {ShapeError} if the split's images have another shape than the data set's
 */
export function evaluationBatches(split: Split, dataset: Dataset, batchSize: number): Generator<Batch, void, void> {
  assertBatchSize(batchSize);
  return inOrder(split, dataset, batchSize, createDrawing(split, dataset));
}

function* inOrder(split: Split, dataset: Dataset, batchSize: number, draw: DrawImages): Generator<Batch, void, void> {
  for (let first = 0; first < split.count; first += batchSize) {
    const { x, y } = newBuffers(dataset, batchSize);
    draw(
      Array.from({ length: batchSize }, (_, place) => (first + place) % split.count),
      { x, y },
    );
    yield { x, y, epoch: 0, size: Math.min(batchSize, split.count - first) };
  }
}

/** The order of each epoch; the last two are kept, since steps are asked for around an epoch's end. */
function createOrders(seed: number, count: number): (epoch: number) => Uint32Array {
  const kept = new Map<number, Uint32Array>();
  return (epoch) => {
    const known = kept.get(epoch);
    if (known !== undefined) return known;
    const order = createStream({ seed, purpose: 'shuffle', step: epoch }).permutation(count);
    const [oldest] = kept.keys();
    if (kept.size === 2 && oldest !== undefined) kept.delete(oldest);
    kept.set(epoch, order);
    return order;
  };
}

function assertBatchSize(batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new SettingError(
      `Cannot create batches: the batch size must be a whole number of 1 or more, got ${batchSize}`,
    );
  }
}

function assertFits(batchSize: number, { count }: Split): void {
  assertBatchSize(batchSize);
  if (batchSize > count) {
    throw new SettingError(
      `Cannot create batches: the batch size must not exceed the number of examples, ` +
        `got ${batchSize} for ${count}; try ${count}`,
    );
  }
}
