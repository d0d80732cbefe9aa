/** @file The noise of santurkar2018, Algorithm 1: behind batch norm (`noisy-batch`), and by itself. */

import { add, mul } from '../graph/arithmetic.ts';
import type { RandomRole, Value } from '../graph/graph.ts';
import type { Network } from '../nn/network.ts';
import { none } from './none.ts';
import type { Norm } from './norm.ts';

/** The paper's n_mu, n_sigma, r_mu and r_sigma, the last taken for a standard deviation. */
export const noiseSizes = { meanLimit: 0.5, scaleLimit: 1.25, meanJitter: 0.1, scaleJitter: 0.1 } as const;

/**
 * No normalisation, and noise that is drawn anew at each step (santurkar2018, Algorithm 1):
 * y = s · x + m, with m ~ U(mu − 0.1, mu + 0.1) and s ~ N(sigma, 0.1²) for each value, mu ~ U(−0.5, 0.5) and
 * sigma ~ U(1, 1.25) for each channel. Evaluation is without noise.
 */
export const noise: Norm = {
  ...none,
  title: 'noise without normalisation',
  formula: 'y = s · x + m, with random s and m per value, their centres per channel',
  paper: 'santurkar2018',
  build: withNoise,
};

/**
 * s · x + m, and x itself in evaluation; the random numbers are inputs, which are drawn where the step runs. They lie with
 * channels last, in the order [H, W, N, C] that images have in the portable lowering, which then reads them as they are.
 */
export function withNoise({ g, mode }: Network, name: string, x: Value): Value {
  if (mode === 'eval') return x;
  const [N = 1, C = 1, ...space] = x.shape;
  const places = space.map((_, i) => i);
  const draw = (what: 'scale' | 'shift', numbers: Omit<RandomRole, 'kind' | 'stream'>): Value => {
    const role = { ...numbers, kind: 'random', stream: `${name}/noise/${what}` } as const;
    const drawn = g.input(`noise/${what}`, [...space, N, C], role);
    return places.length === 0
      ? drawn
      : g.emit('Transpose', [drawn], { perm: [places.length, places.length + 1, ...places] });
  };
  const { meanLimit, meanJitter, scaleLimit, scaleJitter } = noiseSizes;
  return g.inScope(name, () => {
    const s = draw('scale', { distribution: 'normal', width: scaleJitter, centres: { low: 1, high: scaleLimit } });
    // Uniform numbers are drawn from [0, 1): their centres stand at the lower ends.
    const ends = { low: -meanLimit - meanJitter, high: meanLimit - meanJitter };
    const m = draw('shift', { distribution: 'uniform', width: 2 * meanJitter, centres: ends });
    return add(g, mul(g, s, x), m);
  });
}
