/** @file The largest eigenvalue of the Hessian of the step's loss (cohen2021), by Lanczos' algorithm. */

import * as z from 'zod';
import { followLargest } from '../curvature/followed.ts';
import { openHessian, PRODUCT_COST } from '../curvature/hessian.ts';
import { lanczos } from '../curvature/lanczos.ts';
import { atOrigin } from '../train/kept.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface SharpnessSettings extends ProbeSettings {
  /** Products of the Hessian with a vector, per measurement; of a warm series, of the first alone. */
  readonly iterations: number;
  /** Keys the first vectors. */
  readonly seed: number;
  /** Whether a measurement goes on from the one before, and not from a random vector. */
  readonly warm: boolean;
  /** Products of each measurement of a warm series but the first. */
  readonly warmIterations: number;
}

const about =
  'the Hessian of the mean loss with respect to all parameters, at the weights before the step, on the ' +
  'mini-batch of the step with its batch statistics (running statistics left alone), without weight decay';

/**
 * As many products at every measurement, so that its cost is known beforehand and a resumed training measures alike; how
 * far they have come is measured beside it. Lanczos finds the largest eigenvalue with its sign, where power iteration
 * would find the largest in magnitude, which early in training may be negative.
 *
 * A warm series follows the eigenvector from one measurement to the next, so that one product may do for each where the
 * Hessian changes little between them. Where another eigenvector overtakes, one product needs many measurements to turn to
 * it, and no residual tells; four products need one or two. Where each step has its own batch, the vector of the one before
 * is worth little: one product then measures next to nothing.
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
    'followed-sharpness': {
      definition: `vᵀH v of one vector v of length 1, at most the largest eigenvalue: v is the Ritz vector of Lanczos’ algorithm from a shifted power step of that of the measurement before, the first from a random vector, ${about}`,
      unit: '',
      mode: 'train',
    },
    'followed-sharpness-residual': {
      definition: `‖H v − (vᵀH v) v‖₂ of the vector v of length 1 that follows the largest eigenvalue: an eigenvalue is at most so far from vᵀH v, but for the rounding of products with H, ${about}`,
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(100),
    iterations: z
      .int()
      .min(1)
      .default(20)
      .describe('a number of Hessian–vector products per measurement (of a warm series, the first), 1 or more'),
    seed: z.int().min(0).default(0).describe('a seed of the first vectors, a whole number of 0 or more'),
    warm: z
      .boolean()
      .default(false)
      .describe('true to go on from the measurement before, as pays where the batch stays the same, or false'),
    warmIterations: z
      .int()
      .min(1)
      .default(1)
      .describe('a number of Hessian–vector products of each measurement of a warm series but the first, 1 or more'),
  }),
  newer: ['warmIterations'],
  cost: (settings) => productsOf(settings) * PRODUCT_COST,
  firstCost: (settings) => (settings.iterations - productsOf(settings)) * PRODUCT_COST,
  needs: ['origin'],
  ownGraphs: async (session, { iterations, seed, warm, warmIterations }, memory) => {
    const { problem, batchSize } = session;
    const settings = { batchSize, mode: 'frozen', view: atOrigin } as const;
    const hessian = await openHessian((graph) => session.load(graph), problem, settings);
    return async ({ step, feeds, key }) => {
      const operator = hessian(feeds, key);
      if (warm) {
        const { value, residual, next } = await followLargest(operator, memory.vector, {
          first: iterations,
          further: warmIterations,
          seed,
          step,
        });
        memory.vector = next;
        return [
          probeRecord(sharpness, 'followed-sharpness', step, value),
          probeRecord(sharpness, 'followed-sharpness-residual', step, residual),
        ];
      }
      const { values, residuals } = await lanczos(operator, { steps: iterations, seed, step });
      return [
        probeRecord(sharpness, 'sharpness', step, values.at(-1) ?? Number.NaN),
        probeRecord(sharpness, 'sharpness-residual', step, residuals.at(-1) ?? Number.NaN),
      ];
    };
  },
});

/** Of a measurement, the first of a warm series apart. */
function productsOf({ iterations, warm, warmIterations }: SharpnessSettings): number {
  return warm ? warmIterations : iterations;
}
