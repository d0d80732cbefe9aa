import { add, alongChannels, div, mul, reshape, sub } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { batch, batchVectors, normaliseByRunning, updateRunning } from './batch.ts';
import type { Norm } from './norm.ts';
import { standardise, viewByPools } from './pools.ts';

/**
 * Batch renormalisation (ioffe2017, Algorithm 1): with sigma = √(variance + epsilon), of the batch and of the running
 * statistics, y = gamma ((x − mean)/sigma · r + d) + beta, r = sigma/runningSigma cut to [1/r_max, r_max],
 * d = (mean − runningMean)/runningSigma cut to ±d_max; r and d are held constant by differentiation.
 * Differs: it keeps a running (unbiased) variance as `batch` does, where the paper keeps a running deviation.
 */
export const batchRenorm: Norm = {
  ...batch,
  title: 'batch renormalisation',
  formula:
    'y = gamma ((x − mean) / sigma · r + d) + beta, r and d from batch and running statistics, cut and held constant; biased variance',
  paper: 'ioffe2017',
  invariances: [],
  holdsConstant: 'r and d',
  build: (network, name, x, settings) =>
    network.g.inScope(name, () => {
      const { g } = network;
      const vectors = batchVectors(network, x, settings);
      if (network.mode === 'eval') return normaliseByRunning(network, x, vectors, settings);
      const { epsilon, renormScaleLimit, renormShiftLimit } = settings;
      const view = viewByPools(network, name, x, batchRenorm, settings);
      const { mean, variance, normalised } = standardise(g, view, epsilon);
      const rank = x.shape.length;
      const wide = (vector: Value): Value => alongChannels(g, vector, rank);
      const deviation = (value: Value): Value => g.emit('Sqrt', [add(g, value, epsilon)]);
      const running = deviation(wide(vectors.runningVariance));
      const ratio = g.emit('Clip', [div(g, deviation(variance), running)], {
        min: 1 / renormScaleLimit,
        max: renormScaleLimit,
      });
      const distance = div(g, sub(g, mean, wide(vectors.runningMean)), running);
      const cut = g.emit('Clip', [distance], { min: -renormShiftLimit, max: renormShiftLimit });
      const [r, d] = [g.emit('StopGradient', [ratio]), g.emit('StopGradient', [cut])];
      const { shape } = vectors.runningMean;
      const statistics = { mean: reshape(g, mean, shape), variance: reshape(g, variance, shape), count: view.count };
      updateRunning(network, vectors, statistics, settings);
      const corrected = add(g, mul(g, normalised, r), d);
      return add(g, mul(g, corrected, wide(vectors.gamma)), wide(vectors.beta));
    }),
};
