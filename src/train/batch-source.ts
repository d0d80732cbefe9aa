/** @file Batches beside those that train: where measurements get them, and what a session without any says. */

import { SettingError } from '../errors.ts';
import type { Tensors } from '../runtime/device.ts';

/** Which further batches a measurement asks for. */
export interface BatchRequest {
  readonly split: 'train' | 'test';
  /** Examples per batch. */
  readonly size: number;
}

/**
 * Batch number `index` of those drawn at a step, as feeds: a pure function of both. It is drawn independently of the
 * batch of the step, and leaves the order in which the training sees its examples as it is.
 */
export type DrawBatch = (step: number, index: number) => Tensors;

/** Asked once per measurement, when a session is opened. @throws {SettingError} for batches that it cannot draw. */
export type BatchSource = (request: BatchRequest) => DrawBatch;

/** Of a session that was given feeds and nothing more. @throws {SettingError} always */
export const noBatches: BatchSource = ({ split, size }) => {
  throw new SettingError(
    `A readout measures on further batches, ${size} examples of the ${split} split, and the session has none to draw ` +
      "from; pass 'batches', a function of { split, size } that returns the feeds of (step, index)",
  );
};
