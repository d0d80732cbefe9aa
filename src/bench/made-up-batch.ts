/** @file What the steps of a bench train on: one batch of noise, by the usual optimiser. */

import type { Graph } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import type { OptimiserSettings } from '../train/optimiser.ts';
import { randomFeeds } from '../train/random-feeds.ts';
import type { StepFeeds } from '../train/trainer.ts';
import type { StepSettings } from './step-process.ts';

export const usualOptimiser: OptimiserSettings = { momentum: 0.9, weightDecay: 5e-4, nesterov: false };

/** Images of the real size, labels that repeat in order, and the random numbers that the graph asks for. */
export function madeUpFeeds(graph: Graph, { batchSize, imageShape, classes }: StepSettings): StepFeeds {
  // Shared memory, as a training run has it, spares sending the engine's thread a copy.
  const bytes = Float32Array.BYTES_PER_ELEMENT * elementCount([batchSize, ...imageShape]);
  const x = new Float32Array(new SharedArrayBuffer(bytes));
  createStream({ seed: 0, purpose: 'noise', layer: 'images' }).fillNormal(x, 0, 1);
  const labels = Int32Array.from({ length: batchSize }, (_, i) => i % classes);
  return { x, labels, ...randomFeeds(graph, 0, 0) };
}
