/** @file From a data set of images to what a classifier is fed: batches for its steps, and the test set in order. */

import { type BatchOptions, createBatches, drawnBatches, evaluationBatches } from '../data/batches.ts';
import { type Dataset, type Split, subset } from '../data/dataset.ts';
import { elementCount, type FloatType } from '../graph/tensor-type.ts';
import type { Tensors } from '../runtime/device.ts';
import { sharedFloats } from '../runtime/tensor-data.ts';
import type { BatchSource } from './batch-source.ts';
import type { EvaluationBatch } from './evaluation.ts';
import type { FeedSource } from './session.ts';

/** What a training sees of a data set. */
export interface ImageOptions extends BatchOptions {
  /** Trains on so many of the first examples; default all. */
  readonly examples?: number | undefined;
}

/** The examples that train. @throws {SettingError} for more than there are. */
export function trainedOn({ train }: Dataset, { examples }: Pick<ImageOptions, 'examples'>): Split {
  return examples === undefined ? train : subset(train, examples);
}

/** The batch of each step as `x` and `labels`, in memory that is used again two steps later. */
export function imageFeeds(dataset: Dataset, options: ImageOptions, float: FloatType = 'float32'): FeedSource {
  const batches = createBatches(trainedOn(dataset, options), dataset, options);
  // One batch is made while the device reads the other.
  const buffers = [0, 1].map(() => ({
    x: sharedFloats('float32', options.batchSize * elementCount(dataset.shape)),
    y: new Int32Array(options.batchSize),
  }));
  return (step) => {
    const { x, y } = batches.batch(step, buffers[step % 2]);
    return feedsOf(x, y, float);
  };
}

/**
 * Further batches of a data set, for what measures on them: those of the training split augmented as the training's are,
 * those of the test split as they are.
 * @throws {SettingError} for more examples than the split has.
 */
export function imageBatches(
  dataset: Dataset,
  { seed, augment, examples }: Omit<ImageOptions, 'batchSize'>,
  float: FloatType = 'float32',
): BatchSource {
  return ({ split, size }) => {
    const options = { batchSize: size, seed, augment: augment && split === 'train' };
    const from = split === 'train' ? trainedOn(dataset, { examples }) : dataset.test;
    const draw = drawnBatches(from, dataset, options);
    return (step, index) => {
      const { x, y } = draw(step, index);
      return feedsOf(x, y, float);
    };
  };
}

/** The test set in order, each example once. */
export function testFeeds(
  dataset: Dataset,
  batchSize: number,
  float: FloatType = 'float32',
): Iterable<EvaluationBatch> {
  const bytes = (float === 'float64' ? 8 : 4) * dataset.test.count * elementCount(dataset.shape);
  if (bytes > MOST_KEPT) return drawnTestFeeds(dataset, batchSize, float);
  const known = keptFeeds.get(dataset);
  if (known?.batchSize === batchSize && known.float === float) return known.batches;
  const batches = Array.from(evaluationBatches(dataset.test, dataset, batchSize), ({ x, y, size }): EvaluationBatch => {
    const shared = sharedFloats(float, x.length);
    shared.set(x);
    return { feeds: { x: shared, labels: y }, size };
  });
  keptFeeds.set(dataset, { batchSize, float, batches });
  return batches;
}

/**
 * Test sets whose numbers take no more, bytes, are kept from one evaluation to the next, in memory that the threads of networks share: to
 * make them anew and send them takes longer than a small network needs for them.
 */
const MOST_KEPT = 64e6;

/** Those of the latest batch size. */
const keptFeeds = new WeakMap<
  Dataset,
  { readonly batchSize: number; readonly float: FloatType; readonly batches: readonly EvaluationBatch[] }
>();

function* drawnTestFeeds(
  dataset: Dataset,
  batchSize: number,
  float: FloatType,
): Generator<EvaluationBatch, void, undefined> {
  for (const { x, y, size } of evaluationBatches(dataset.test, dataset, batchSize)) {
    yield { feeds: feedsOf(x, y, float), size };
  }
}

function feedsOf(x: Float32Array, labels: Int32Array, float: FloatType): Tensors {
  return { x: float === 'float64' ? new Float64Array(x) : x, labels };
}
