import { add, alongChannels, mul, sub } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { type Shape, sizeAt } from '../graph/tensor-type.ts';
import type { Network } from '../nn/network.ts';
import { batch } from './batch.ts';
import type { Norm } from './norm.ts';

/** The paper's n_mu, n_sigma, r_mu and r_sigma, the last taken for a standard deviation. */
export const noise = { meanLimit: 0.5, scaleLimit: 1.25, meanJitter: 0.1, scaleJitter: 0.1 } as const;

/**
 * Batch norm followed by noise that is drawn anew at each step (santurkar2018, Algorithm 1), after gamma and beta:
 * y ← s · y + m, with m ~ U(mu − 0.1, mu + 0.1) and s ~ N(sigma, 0.1²) for each value, mu ~ U(−0.5, 0.5) and
 * sigma ~ U(1, 1.25) for each channel. Evaluation is without noise.
 */
export const noisyBatch: Norm = {
  ...batch,
  title: 'noisy batch normalisation',
  formula:
    'y = s · (gamma (x − mean) / √(variance + epsilon) + beta) + m, with random s and m per value, their centres per channel; biased variance',
  paper: 'santurkar2018',
  build: (network, name, x, settings) => {
    const y = batch.build(network, name, x, settings);
    return network.mode === 'eval' ? y : network.g.inScope(name, () => withNoise(network, name, y));
  },
};

/** s · y + m; the random numbers are inputs, which the training loop feeds. */
function withNoise({ g }: Network, name: string, y: Value): Value {
  const draw = (what: string, shape: Shape, distribution: 'uniform' | 'normal'): Value =>
    g.input(`noise/${what}`, shape, { kind: 'random', distribution, stream: `${name}/noise/${what}` });
  const channels = [sizeAt(y.shape, 1)];
  const wide = (vector: Value): Value => alongChannels(g, vector, y.shape.length);
  // Uniform numbers are drawn from [0, 1).
  const symmetric = (value: Value, limit: number): Value => mul(g, sub(g, mul(g, value, 2), 1), limit);
  const mu = symmetric(draw('mean', channels, 'uniform'), noise.meanLimit);
  const sigma = add(g, mul(g, draw('scale', channels, 'uniform'), noise.scaleLimit - 1), 1);
  const m = add(g, symmetric(draw('meanJitter', y.shape, 'uniform'), noise.meanJitter), wide(mu));
  const s = add(g, mul(g, draw('scaleJitter', y.shape, 'normal'), noise.scaleJitter), wide(sigma));
  return add(g, mul(g, s, y), m);
}
