/** @file Batches of standardised images: seeded and shuffled for training, in order for evaluation. */
import { counted } from '../counted.ts';
import { SettingError, ShapeError } from '../errors.ts';
import { createStream } from '../math/random.ts';
import type { Dataset, Split } from './dataset.ts';

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

/** Arrays to fill, of the lengths of a batch's `x` and `y`. */
export interface BatchBuffers {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

export interface Batches {
  readonly stepsPerEpoch: number;
  /**
   * The batch of one step, written into the buffers if they are given and into new ones otherwise.
   * @throws {ShapeError} if a buffer has another length than the batch
   */
  batch(step: number, into?: BatchBuffers): Batch;
}

/** Black pixels added to each side before a random crop. */
const PADDING = 4;

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
  assertBatchSize(batchSize);
  if (batchSize > split.count) {
    throw new SettingError(
      `Cannot create batches: the batch size must not exceed the number of examples, ` +
        `got ${batchSize} for ${split.count}; try ${split.count}`,
    );
  }
  const stepsPerEpoch = Math.floor(split.count / batchSize);
  const draw = createDrawing(split, dataset);
  const orderOf = createOrders(seed, split.count);
  return {
    stepsPerEpoch,
    batch(step, into) {
      const epoch = Math.floor(step / stepsPerEpoch);
      const random = createStream({ seed, purpose: 'augment', step });
      const order = orderOf(epoch);
      const first = (step - epoch * stepsPerEpoch) * batchSize;
      const { x, y } = into ?? newBuffers(dataset, batchSize);
      assertBuffers({ x, y }, dataset, batchSize);
      for (let place = 0; place < batchSize; place++) {
        const example = order[first + place] ?? 0;
        y[place] = split.labels[example] ?? 0;
        if (augment) {
          const down = random.integer(2 * PADDING + 1) - PADDING;
          const right = random.integer(2 * PADDING + 1) - PADDING;
          draw(x, place, example, down, right, random.integer(2) === 1);
        } else {
          draw(x, place, example, 0, 0, false);
        }
      }
      return { x, y, epoch, size: batchSize };
    },
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

function* inOrder(split: Split, dataset: Dataset, batchSize: number, draw: Draw): Generator<Batch, void, void> {
  for (let first = 0; first < split.count; first += batchSize) {
    const { x, y } = newBuffers(dataset, batchSize);
    for (let place = 0; place < batchSize; place++) {
      const example = (first + place) % split.count;
      y[place] = split.labels[example] ?? 0;
      draw(x, place, example, 0, 0, false);
    }
    yield { x, y, epoch: 0, size: Math.min(batchSize, split.count - first) };
  }
}

/** Writes image `example`, moved up by `down` and left by `right` pixels and then mirrored, as image `place` of x. */
type Draw = (x: Float32Array, place: number, example: number, down: number, right: number, mirror: boolean) => void;

function createDrawing({ images, count }: Split, { shape, mean, std }: Dataset): Draw {
  const [C, H, W] = shape;
  if (images.length !== count * C * H * W) {
    throw new ShapeError(
      `Cannot create batches: ${counted(count, 'image')} of [${shape.join(', ')}] hold ${counted(count * C * H * W, 'pixel')}, ` +
        `got ${images.length}; pass a split of this data set`,
    );
  }
  // One look-up per pixel; 256 values per channel.
  const standardised = Float32Array.from({ length: C * 256 }, (_, i) => {
    const channel = Math.floor(i / 256);
    return ((i % 256) / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
  return (x, place, example, down, right, mirror) => {
    const firstColumn = Math.max(0, -right);
    const endColumn = Math.min(W, W - right);
    const stride = mirror ? -1 : 1;
    const firstTarget = mirror ? W - 1 - firstColumn : firstColumn;
    for (let c = 0; c < C; c++) {
      const values = c * 256;
      for (let h = 0; h < H; h++) {
        const row = ((place * C + c) * H + h) * W;
        const sourceRow = h + down;
        if (down !== 0 || right !== 0) x.fill(standardised[values] ?? 0, row, row + W);
        if (sourceRow < 0 || sourceRow >= H) continue;
        const source = ((example * C + c) * H + sourceRow) * W + right;
        let target = row + firstTarget;
        for (let w = firstColumn; w < endColumn; w++, target += stride) {
          x[target] = standardised[values + (images[source + w] ?? 0)] ?? 0;
        }
      }
    }
  };
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

function newBuffers({ shape: [C, H, W] }: Dataset, batchSize: number): BatchBuffers {
  return { x: new Float32Array(batchSize * C * H * W), y: new Int32Array(batchSize) };
}

function assertBuffers({ x, y }: BatchBuffers, { shape: [C, H, W] }: Dataset, batchSize: number): void {
  const values = batchSize * C * H * W;
  if (x.length !== values || y.length !== batchSize) {
    throw new ShapeError(
      `Cannot fill a batch: the buffers must hold ${values} and ${counted(batchSize, 'value')}, got ${x.length} and ${y.length}`,
    );
  }
}

function assertBatchSize(batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new SettingError(
      `Cannot create batches: the batch size must be a whole number of 1 or more, got ${batchSize}`,
    );
  }
}
