import { batch } from './batch.ts';
import { withNoise } from './noise.ts';
import type { Norm } from './norm.ts';

/**
 * Batch norm followed by noise that is drawn anew at each step (santurkar2018, Algorithm 1), after gamma and beta:
 * y ← s · y + m, with s and m as the norm `noise` draws them. Evaluation is without noise.
 */
export const noisyBatch: Norm = {
  ...batch,
  title: 'noisy batch normalisation',
  formula:
    'y = s · (gamma (x − mean) / √(variance + epsilon) + beta) + m, with random s and m per value, their centres per channel; biased variance',
  paper: 'santurkar2018',
  build: (network, name, x, settings) => withNoise(network, name, batch.build(network, name, x, settings)),
};
