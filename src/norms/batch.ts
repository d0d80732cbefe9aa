/** @file Batch normalisation, the fast form: one op forward, the literature's backward pass by hand. */

import { SettingError } from '../errors.ts';
import { add, alongChannels, div, mul, sub } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { elementCount, sizeAt } from '../graph/tensor-type.ts';
import type { Network } from '../nn/network.ts';
import type { Norm, NormSettings } from './norm.ts';

/** gamma, beta and the running statistics of one layer, each [C]. */
export interface BatchVectors {
  readonly gamma: Value;
  readonly beta: Value;
  readonly runningMean: Value;
  readonly runningVariance: Value;
}

/**
 * Batch normalisation (ioffe2015, Algorithms 1 and 2), per channel over all other axes, m values each.
 * Training: mean = Σx/m, variance = Σ(x − mean)²/m (biased), y = gamma (x − mean)/√(variance + epsilon) + beta; running
 * statistics take the batch's mean and its unbiased variance (m/(m−1) times the biased). Evaluation: the running ones.
 */
export const batch: Norm = {
  title: 'batch normalisation',
  formula:
    'y = gamma (x − mean) / √(variance + epsilon) + beta, per channel over the batch and all pixels, biased variance',
  paper: 'ioffe2015',
  invariances: ['shift', 'scale', 'channelScale'],
  leastPooled: 2,
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const vectors = batchVectors(network, x, settings);
      if (network.mode === 'eval') return normaliseByRunning(network, x, vectors, settings);
      const m = pooledCount(name, x);
      const { gamma, beta } = vectors;
      const { epsilon } = settings;
      const outputs = network.g.emitAll('BatchNormalization', [x, gamma, beta], { epsilon });
      const [y, mean, variance] = outputs as readonly [Value, Value, Value];
      if (network.mode === 'train') updateRunning(network, vectors, mean, variance, m, settings);
      return y;
    }),
};

/** Values per channel. @throws {SettingError} for one value, whose variance would be zero whatever it is. */
export function pooledCount(name: string, x: Value): number {
  const m = elementCount(x.shape) / sizeAt(x.shape, 1);
  if (m < 2) {
    throw new SettingError(
      `Batch normalisation needs at least 2 values per channel to train, but layer '${name}' gets ` +
        `[${x.shape.join(',')}]; use a batch of 2 or more`,
    );
  }
  return m;
}

/** Declares the parameters and state of one layer; a parameter that is switched off is a constant 1 or 0. */
export function batchVectors({ g }: Network, x: Value, settings: NormSettings): BatchVectors {
  const shape = [sizeAt(x.shape, 1)];
  const vector = (name: 'gamma' | 'beta', value: number): Value =>
    settings[name]
      ? g.input(name, shape, { kind: 'parameter', initial: { kind: 'constant', value }, decay: true })
      : g.emit('Expand', [g.constant(value)], { shape });
  const running = (name: string, value: number): Value =>
    g.input(name, shape, { kind: 'state', initial: { kind: 'constant', value }, owner: 'norm' });
  return {
    gamma: vector('gamma', 1),
    beta: vector('beta', 0),
    runningMean: running('runningMean', 0),
    runningVariance: running('runningVariance', 1),
  };
}

/** y = gamma (x − runningMean) / √(runningVariance + epsilon) + beta, as one scale and one shift per channel. */
export function normaliseByRunning({ g }: Network, x: Value, vectors: BatchVectors, settings: NormSettings): Value {
  const { gamma, beta, runningMean, runningVariance } = vectors;
  const scale = div(g, gamma, g.emit('Sqrt', [add(g, runningVariance, settings.epsilon)]));
  const shift = sub(g, beta, mul(g, runningMean, scale));
  const rank = x.shape.length;
  return add(g, mul(g, x, alongChannels(g, scale, rank)), alongChannels(g, shift, rank));
}

/** running ← (1 − momentum) · running + momentum · batch, with the unbiased variance m/(m − 1) · variance. */
export function updateRunning(
  { g, updates }: Network,
  { runningMean, runningVariance }: BatchVectors,
  mean: Value,
  variance: Value,
  m: number,
  { momentum }: NormSettings,
): void {
  const blend = (running: Value, fresh: Value, weight: number): Value =>
    add(g, mul(g, running, 1 - momentum), mul(g, fresh, weight));
  updates.push(
    { state: runningMean, next: blend(runningMean, mean, momentum) },
    { state: runningVariance, next: blend(runningVariance, variance, momentum * (m / (m - 1))) },
  );
}
