/** @file A whole training in one call: opened when it is first asked for a step, closed when the loop over it ends. */

import type { Dataset } from '../data/dataset.ts';
import type { Problem } from '../problems/problem.ts';
import type { Device } from '../runtime/device.ts';
import { imageBatches, imageFeeds } from './image-feeds.ts';
import { type FeedSource, openSession, type Step } from './session.ts';
import type { SessionSettings } from './session-settings.ts';

export interface TrainSettings extends Omit<SessionSettings, 'firstBatch' | 'steps'> {
  /** Training steps in all. */
  readonly steps: number;
  /** Trains on so many of the first examples of a data set; default all. */
  readonly examples?: number;
  /** Pad, crop and flip images; default no. */
  readonly augment?: boolean;
  /** Ends the training between two steps. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a problem step by step, on a data set or on whatever a function feeds each step. Leaving the loop over it, by
 * its end, `break` or an error, frees all that it has made on the device, which stays open.
 * @throws {SettingError} for settings that cannot be carried out.
 *
 * @example
 * const device = await openDevice({ lowering: 'reference' });
 * const problem = classifier(({ dense, linear }) => (x) => linear('head', dense('hidden', x, 5), 3), { input: [4], classes: 3 });
 * const feeds = (step: number) => ({ x: Float32Array.from({ length: 28 }, (_, i) => Math.cos(i + step)), labels: new Int32Array(7) });
 * const settings = { batchSize: 7, steps: 4, optimiser: sgd({ momentum: 0.9 }), learningRate: 0.1 };
 * for await (const { step, loss } of train(problem, feeds, settings, device)) console.log(step, loss);
 * await device.close();
 */
export async function* train(
  problem: Problem,
  data: Dataset | FeedSource,
  settings: TrainSettings,
  device: Device,
): AsyncGenerator<Step, void, undefined> {
  const { batchSize, steps, seed = 0, augment = false, examples, signal } = settings;
  const isFed = typeof data === 'function';
  const feeds = isFed ? data : imageFeeds(data, { batchSize, seed, augment, examples }, problem.float);
  const batches = isFed ? undefined : imageBatches(data, { seed, augment, examples }, problem.float);
  const own = device.sibling();
  try {
    const session = await openSession(own, problem, {
      ...(batches && { batches }),
      ...settings,
      firstBatch: feeds(0),
    });
    yield* session.steps({ feeds, until: steps, signal });
  } finally {
    await own.close();
  }
}
