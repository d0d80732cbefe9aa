/** @file How much the loss over many examples can grow in a small box around the weights (keskar2017, metric 2.1). */

import * as z from 'zod';
import { openDisplacedLoss } from '../curvature/displaced-loss.ts';
import { keskarSharpness } from '../curvature/keskar-sharpness.ts';
import { atOrigin } from '../train/kept.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface BoxSharpnessSettings extends ProbeSettings {
  /** Training examples, 0 for as many as a batch, that the loss is a mean over, their batch statistics those of all of them together. */
  readonly examples: number;
  /** ε of the box. */
  readonly epsilon: number;
  /** Of projected L-BFGS. */
  readonly iterations: number;
  /** Computations of the loss with its gradient, at most. */
  readonly evaluations: number;
  /** Dimension of a random subspace; 0 for the whole space. */
  readonly subspace: number;
  readonly seed: number;
}

const about =
  'f the mean loss over the examples asked for, drawn anew from those that train, with the batch statistics of all of them ' +
  '(running statistics left alone), without weight decay, at the weights before the step; the search is short, so that it is a lower bound';

export const boxSharpness: Probe<BoxSharpnessSettings> = defineProbe<BoxSharpnessSettings>({
  title: 'largest growth of the loss in a box around the weights',
  paper: 'keskar2017',
  quantities: {
    'box-sharpness': {
      definition: `φ = 100 (max f(x + A z) − f(x)) / (1 + f(x)), |z_i| ≤ ε (|(A⁺x)_i| + 1), by projected L-BFGS, ${about}`,
      unit: '%',
      mode: 'train',
    },
    'box-sharpness-loss': { definition: `f(x), ${about}`, unit: '', mode: 'train' },
    'box-sharpness-residual': {
      definition: `largest |z_i − P(z + ∇f)_i| where the search ended, P the projection on the box: 0 at a maximum; ${about}`,
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(100),
    examples: z.int().min(0).default(0).describe('a number of training examples, or 0 for as many as a batch'),
    epsilon: z.number().positive().default(1e-3).describe('the ε of the box, a positive number'),
    iterations: z.int().min(1).default(10).describe('a number of iterations of the search, 1 or more'),
    evaluations: z.int().min(3).default(40).describe('a number of gradients of the search at most, 3 or more'),
    subspace: z.int().min(0).default(0).describe('the dimension of a random subspace, or 0 for the whole space'),
    seed: z.int().min(0).default(0).describe('a seed of the random subspace, a whole number of 0 or more'),
  }),
  cost: ({ evaluations }) => evaluations + 1,
  examples: ({ examples }) => examples,
  endsEarly: true,
  needs: ['origin'],
  ownGraphs: async (session, { examples: asked, epsilon, iterations, evaluations, subspace, seed }) => {
    const examples = asked === 0 ? session.batchSize : asked;
    const draw = session.batches({ split: 'train', size: examples });
    const loss = await openDisplacedLoss((graph) => session.load(graph), session.problem, {
      batchSize: examples,
      mode: 'frozen',
      view: atOrigin,
    });
    return async ({ step, key: ownKey }) => {
      const feeds = draw(step, 0);
      const key = { ...ownKey, batch: 0 };
      const found = await keskarSharpness(loss.over([feeds], key), await loss.weights(feeds, key), {
        epsilon,
        iterations,
        evaluations,
        seed,
        ...(subspace > 0 && { subspace }),
      });
      return [
        probeRecord(boxSharpness, 'box-sharpness', step, found.phi),
        probeRecord(boxSharpness, 'box-sharpness-loss', step, found.loss),
        probeRecord(boxSharpness, 'box-sharpness-residual', step, found.residual),
      ];
    };
  },
});
