/** @file Mean and variance of what layers make, per channel over many batches, in evaluation mode. */

import type { Value } from '../graph/graph.ts';
import { mul, poolAxes, reduceMean, sub } from '../graph/arithmetic.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { Problem } from '../problems/problem.ts';
import { type Device, outputOf } from '../runtime/device.ts';
import { initialState } from '../train/initial-state.ts';
import { type ChannelStatistics } from './fixed.ts';

/** Alike batches of images, each [N, …input] row by row. */
export type ImageBatches = Iterable<Float32Array>;

/**
 * By layer, the mean and the biased variance of its linear map's output over all values of all batches: the variance within
 * batches and that of their means.
 * @param layers - names of layers of the problem
 * @param device - whose stored tensors it takes for its own
 */
export async function channelStatistics(
  device: Device,
  problem: Problem,
  layers: ReadonlySet<string>,
  { batchSize, batches }: { readonly batchSize: number; readonly batches: ImageBatches },
): Promise<ReadonlyMap<string, ChannelStatistics>> {
  const { g, network } = problem.build({ mode: 'eval', batchSize });
  const traces = network.layers.filter(({ name }) => layers.has(name));
  const outputs: Record<string, Value> = {};
  for (const { name, linear } of traces) {
    const axes = poolAxes(linear);
    const centred = sub(g, linear, reduceMean(g, linear, axes, true));
    outputs[`${name}:mean`] = reduceMean(g, linear, axes);
    outputs[`${name}:variance`] = reduceMean(g, mul(g, centred, centred), axes);
  }
  const graph = g.finish('channel-statistics', outputs);
  const program = await device.load(graph);
  await device.write(initialState(graph, 0));
  const sums = new Map(traces.map(({ name, linear }) => [name, new Sums(sizeAt(linear.shape, 1))]));
  for (const x of batches) {
    const made = await program.run({ x });
    for (const [name, sum] of sums) {
      sum.add(outputOf(made, `${name}:mean`) as Float32Array, outputOf(made, `${name}:variance`) as Float32Array);
    }
  }
  await program.release();
  return new Map([...sums].map(([name, sum]) => [name, sum.statistics()]));
}

/** Means of batches of one size, in float64: their variance is taken around the mean so far (Welford). */
class Sums {
  #count = 0;
  readonly #mean: Float64Array;
  readonly #spread: Float64Array;
  readonly #within: Float64Array;

  constructor(channels: number) {
    this.#mean = new Float64Array(channels);
    this.#spread = new Float64Array(channels);
    this.#within = new Float64Array(channels);
  }

  add(mean: Float32Array, variance: Float32Array): void {
    this.#count += 1;
    for (const [k, value] of mean.entries()) {
      const from = value - (this.#mean[k] ?? 0);
      this.#mean[k] = (this.#mean[k] ?? 0) + from / this.#count;
      this.#spread[k] = (this.#spread[k] ?? 0) + from * (value - (this.#mean[k] ?? 0));
      this.#within[k] = (this.#within[k] ?? 0) + (variance[k] ?? 0);
    }
  }

  statistics(): ChannelStatistics {
    const total = this.#within.map((within, k) => (within + (this.#spread[k] ?? 0)) / this.#count);
    return { mean: Float32Array.from(this.#mean), variance: Float32Array.from(total) };
  }
}
