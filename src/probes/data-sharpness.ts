/** @file The largest eigenvalue of the Hessian on more examples than a batch has, of all weights or of some layers (cohen2021). */

import * as z from 'zod';
import { largestEigenpairs } from '../curvature/eigenpairs.ts';
import { openHessian, PRODUCT_COST, rangesOf } from '../curvature/hessian.ts';
import { restricted, within } from '../curvature/restricted.ts';
import { innerProduct } from '../math/inner-product.ts';
import { atOrigin } from '../train/kept.ts';
import { openStepSlope } from './curvature-at-step.ts';
import { layersAt } from './layer-units.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { distinct, everyStep, type ProbeSettings } from './settings.ts';

export interface DataSharpnessSettings extends ProbeSettings {
  /** Of the training split; as many as it has make them the whole of it, and 0 is as many as a batch. */
  readonly examples: number;
  /** Products of the Hessian with a vector, per measurement. */
  readonly products: number;
  /** Hidden layers, counted from 1, whose parameters together are measured; none for all parameters of the network. */
  readonly layers: readonly number[];
  /** Keys the first vectors. */
  readonly seed: number;
}

const about =
  'H, the Hessian of the mean loss with respect to w, all parameters or those of the hidden layers that are asked for, at the ' +
  'weights before the step, on training examples drawn independently of its batch and without repetition (all, where as many ' +
  'are asked for), with their own batch statistics, without weight decay';

/**
 * Each measurement starts from where the one before came to, and takes as many products: once the Hessian changes slowly a few
 * suffice, and the residual says how far they have come. An eigenvalue within ‖H y − θ y‖² over the gap to the next is as near.
 */
export const dataSharpness: Probe<DataSharpnessSettings> = defineProbe<DataSharpnessSettings>({
  title: 'largest eigenvalue of the Hessian on many training examples',
  paper: 'cohen2021',
  quantities: {
    'data-sharpness': { definition: `largest Ritz value θ of Lanczos’ algorithm on ${about}`, unit: '', mode: 'train' },
    'data-sharpness-residual': {
      definition: `‖H y − θ y‖₂ of the largest Ritz value θ with its vector y of length 1, of Lanczos’ algorithm on ${about}`,
      unit: '',
      mode: 'train',
    },
    'data-scale-free-sharpness': {
      definition: `θ ‖w‖², θ the largest Ritz value of Lanczos’ algorithm on ${about}`,
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(100),
    examples: z.int().min(0).default(0).describe('a number of training examples, or 0 for as many as a batch'),
    products: z.int().min(1).default(10).describe('a number of Hessian–vector products per measurement, 1 or more'),
    layers: distinct(z.int().min(1))
      .default([])
      .describe('hidden layers, counted from 1, no two alike, or none for all'),
    seed: z.int().min(0).default(0).describe('a seed of the first vectors, a whole number of 0 or more'),
  }),
  // One gradient, of a batch, is computed beside the weights that are read.
  cost: ({ products }) => products * PRODUCT_COST + 1,
  examples: ({ examples }) => examples,
  needs: ['origin'],
  ownGraphs: async (session, { examples: asked, products, layers, seed }, memory) => {
    const examples = asked === 0 ? session.batchSize : asked;
    const { problem, batchSize } = session;
    const draw = session.batches({ split: 'train', size: examples });
    const settings = { batchSize: examples, mode: 'frozen', view: atOrigin } as const;
    const hessianOf = await openHessian((graph) => session.load(graph), problem, settings);
    const weightsOf = await openStepSlope(session, 'train');
    const { network } = problem.build({ mode: 'frozen', batchSize });
    const owned = layersAt('data-sharpness', network.layers, layers).flatMap(({ parameters }) =>
      parameters.map(({ name }) => name),
    );
    return async ({ step, feeds, key }) => {
      const hessian = hessianOf(draw(step, 0), { ...key, batch: 0 });
      const ranges = layers.length === 0 ? hessian.parameters : rangesOf(hessian, owned);
      const { values, residuals, vectors } = await largestEigenpairs(restricted(hessian, ranges), {
        // No tolerance: as many products at every measurement, so that its cost is known.
        tolerance: 0,
        products,
        memory: products + 3,
        start: memory.vector,
        seed,
        step,
      });
      const [value = Number.NaN, residual = Number.NaN] = [values[0], residuals[0]];
      memory.vector = vectors[0];
      const { weights } = await weightsOf(feeds, key);
      const w = within(weights, ranges);
      return [
        probeRecord(dataSharpness, 'data-sharpness', step, value),
        probeRecord(dataSharpness, 'data-sharpness-residual', step, residual),
        probeRecord(dataSharpness, 'data-scale-free-sharpness', step, value * innerProduct(w, w)),
      ];
    };
  },
});
