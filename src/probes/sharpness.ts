/** @file The largest eigenvalue of the Hessian of the step's loss (cohen2021), by Lanczos' algorithm. */

import { z } from 'zod';
import { openHessian, PRODUCT_COST } from '../curvature/hessian.ts';
import { lanczos } from '../curvature/lanczos.ts';
import { atOrigin } from '../train/kept.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface SharpnessSettings extends ProbeSettings {
  /** Products of the Hessian with a vector, per measurement. */
  readonly iterations: number;
  /** Keys the first vectors. */
  readonly seed: number;
}

const about =
  'the Hessian of the mean cross-entropy with respect to all parameters, at the weights before the step, on the ' +
  'mini-batch of the step with its batch statistics (running statistics left alone), without weight decay';

/**
 * As many products at every measurement, so that its cost is known beforehand and a resumed training measures alike; how
 * far they have come is measured beside it. Lanczos finds the largest eigenvalue with its sign, where power iteration
 * would find the largest in magnitude, which early in training may be negative.
 */
export const sharpness: Probe<SharpnessSettings> = defineProbe<SharpnessSettings>({
  title: 'largest eigenvalue of the Hessian',
  paper: 'cohen2021',
  quantities: {
    sharpness: { definition: `largest Ritz value of Lanczos’ algorithm on ${about}`, unit: '', mode: 'train' },
    'sharpness-residual': {
      definition: `‖H y − θ y‖₂ of the largest Ritz value θ with its vector y of length 1: an eigenvalue is at most so far from θ, but for the rounding of products with H, ${about}`,
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(100),
    iterations: z.int().min(1).default(20).describe('a number of Hessian–vector products per measurement, 1 or more'),
    seed: z.int().min(0).default(0).describe('a seed of the first vectors, a whole number of 0 or more'),
  }),
  cost: ({ iterations }) => iterations * PRODUCT_COST,
  needs: ['origin'],
  ownGraphs: async (session, { iterations, seed }) => {
    const { problem, batchSize } = session;
    const settings = { batchSize, mode: 'frozen', view: atOrigin } as const;
    const hessian = await openHessian((graph) => session.load(graph), problem, settings);
    return async ({ step, feeds, key }) => {
      const { values, residuals } = await lanczos(hessian(feeds, key), { steps: iterations, seed, step });
      return [
        probeRecord(sharpness, 'sharpness', step, values.at(-1) ?? Number.NaN),
        probeRecord(sharpness, 'sharpness-residual', step, residuals.at(-1) ?? Number.NaN),
      ];
    };
  },
});
