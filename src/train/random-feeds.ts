/** @file The random numbers of one step: a pure function of the graph, the seed and the step. */

import type { Graph } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import { allocate, type TensorData } from '../runtime/tensor-data.ts';

/**
 * By name, what each random input of a graph is fed at a step: uniform in [0, 1), or standard normal.
 * @param batch - number of a further batch at that step, whose random numbers are others than those of its training
 */
export function randomFeeds(
  graph: Pick<Graph, 'inputs'>,
  seed: number,
  step: number,
  batch?: number,
): Record<string, TensorData> {
  const feeds: Record<string, TensorData> = {};
  for (const { value, role } of graph.inputs) {
    if (role.kind !== 'random') continue;
    const data = allocate(value.dtype, elementCount(value.shape)) as Float32Array;
    const stream = createStream(
      batch === undefined
        ? { seed, purpose: 'noise', step, layer: role.stream }
        : { seed, purpose: 'probe', step, layer: `batch-${batch}/${role.stream}` },
    );
    if (role.distribution === 'uniform') stream.fillUniform(data, 0, 1);
    else stream.fillNormal(data, 0, 1);
    feeds[value.name] = data;
  }
  return feeds;
}
