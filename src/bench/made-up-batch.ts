/** @file What the steps of a bench train on: one batch of noise, by the usual optimiser. */

import { elementCount } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import type { Tensors } from '../runtime/device.ts';
import { type SgdSettings, sgd } from '../train/optimisers/sgd.ts';
import type { StepSettings } from './subject.ts';

export const usualOptimiser: SgdSettings = sgd({ momentum: 0.9, weightDecay: 5e-4 });

/** Images of the real size, and labels that repeat in order. */
export function madeUpFeeds({ batchSize, imageShape, classes }: StepSettings): Tensors {
  // Shared memory, as a training run has it, spares sending the engine's thread a copy.
  const bytes = Float32Array.BYTES_PER_ELEMENT * elementCount([batchSize, ...imageShape]);
  const x = new Float32Array(new SharedArrayBuffer(bytes));
  createStream({ seed: 0, purpose: 'noise', layer: 'images' }).fillNormal(x, 0, 1);
  const labels = Int32Array.from({ length: batchSize }, (_, i) => i % classes);
  return { x, labels };
}
