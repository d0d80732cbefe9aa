/** @file Batch normalisation, the fast form: one op forward, the literature's backward pass by hand. */

import { add, alongChannels, div, mul, sub } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { Network } from '../nn/network.ts';
import { betaOrBias, gammaParameter, parameter, state } from './affine.ts';
import type { Norm, NormSettings } from './norm.ts';
import { SPREAD, viewByPools } from './pools.ts';

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
  pools: { batch: 'all', channels: 'none', space: true },
  leastPooled: 2,
  shift: betaOrBias,
  centresChannels: true,
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const vectors = batchVectors(network, x, settings);
      if (network.mode === 'eval') return normaliseByRunning(network, x, vectors, settings);
      const { count, note } = viewByPools(network, name, x, batch, settings);
      const { gamma, beta } = vectors;
      const { epsilon } = settings;
      const [y, mean, variance] = network.g.emitAll('BatchNormalization', [x, gamma, beta], { epsilon });
      note(variance, SPREAD);
      network.quantities.set(`${name}/mean`, mean).set(`${name}/variance`, variance);
      updateRunning(network, vectors, { mean, variance, count }, settings);
      return y;
    }),
};

/** Declares the parameters and state of one layer; a parameter that is switched off is a constant 1 or 0. */
export function batchVectors(network: Network, x: Value, settings: NormSettings): BatchVectors {
  const { g } = network;
  const shape = [sizeAt(x.shape, 1)];
  const constant = (value: number): Value => g.emit('Expand', [g.constant(value)], { shape });
  return {
    gamma: settings.gamma ? gammaParameter(network, shape, settings) : constant(1),
    beta: settings.beta ? parameter(network, 'beta', shape, 0) : constant(0),
    runningMean: state(network, 'runningMean', shape, 0),
    runningVariance: state(network, 'runningVariance', shape, 1),
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

/**
 * In mode train: running ← (1 − momentum) · running + momentum · batch, with the unbiased variance m/(m − 1) · variance.
 * @param statistics - mean and biased variance of the batch, each [C], over m = `count` values
 */
export function updateRunning(
  network: Network,
  { runningMean, runningVariance }: Pick<BatchVectors, 'runningMean' | 'runningVariance'>,
  { mean, variance, count }: { readonly mean: Value; readonly variance: Value; readonly count: number },
  { momentum }: NormSettings,
): void {
  blendInto(network, runningMean, mean, momentum, 1);
  blendInto(network, runningVariance, variance, momentum, count / (count - 1));
}

/** In mode train: running ← (1 − momentum) · running + momentum · correction · fresh. */
export function blendInto(
  { g, mode, updates }: Network,
  running: Value,
  fresh: Value,
  momentum: number,
  correction: number,
): void {
  if (mode !== 'train') return;
  updates.push({ state: running, next: add(g, mul(g, running, 1 - momentum), mul(g, fresh, momentum * correction)) });
}
