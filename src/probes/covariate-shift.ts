/** @file Internal covariate shift by Definition 2.1 of santurkar2018: what a step of the layers before does to a gradient. */

import { z } from 'zod';
import type { StepRecord } from '../records/record.ts';
import { openShift } from './covariate-shift-graph.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface CovariateShiftSettings extends ProbeSettings {
  /** Hidden layers i, counted from 1. */
  readonly layers: readonly number[];
}

const about =
  'on the mini-batch of the training step, with its batch statistics and running statistics left alone: G is the gradient ' +
  'of the mini-batch loss (without weight decay) with respect to the weight of layer i at the weights before the step, G′ the same ' +
  'where all parameters that come before layer i (weights, biases, gamma and beta) are those after the step, and its own and all ' +
  'later ones are not';

const quantity = (definition: string) => ({ definition: `${definition}, ${about}`, unit: '', mode: 'train' }) as const;

/**
 * G_i = ∇_{W_i} L(W_1ᵗ, …, W_kᵗ; xᵗ, yᵗ) and G′_i = ∇_{W_i} L(W_1ᵗ⁺¹, …, W_{i−1}ᵗ⁺¹, W_iᵗ, …, W_kᵗ; xᵗ, yᵗ): the shift is
 * ‖G − G′‖₂, ideally 0, and the cosine between them, ideally 1. The first carries the unit of a gradient, which norms change;
 * ‖G − G′‖₂ / ‖G‖₂ does not.
 */
export const covariateShift: Probe<CovariateShiftSettings> = defineProbe<CovariateShiftSettings>({
  title: 'internal covariate shift of layers',
  paper: 'santurkar2018',
  quantities: {
    'covariate-shift': quantity('‖G − G′‖₂'),
    'covariate-shift-relative': quantity('‖G − G′‖₂ / ‖G‖₂'),
    'covariate-shift-cosine': quantity('⟨G, G′⟩ / (‖G‖₂ ‖G′‖₂)'),
  },
  settings: z.strictObject({
    every: everyStep(10),
    layers: z
      .array(z.int().min(2))
      .min(1)
      .refine((list) => new Set(list).size === list.length)
      .default([2])
      .describe('hidden layers, counted from 1, each of 2 or more (nothing comes before the first), no two alike'),
  }),
  cost: ({ layers }) => layers.length,
  needs: ['origin', 'gradient'],
  ownGraphs: async (session, { layers }) => {
    const shifts = await openShift(session, layers);
    return async ({ step, feeds, key }) => {
      const found = await shifts(feeds, key);
      return found.flatMap(({ layer, network, changeSquared, squaredNorm, movedSquaredNorm, dot }) => {
        const record = (name: string, value: number): StepRecord => ({
          ...probeRecord(covariateShift, name, step, value, { layer }),
          ...(network !== undefined && { place: { network } }),
        });
        return [
          record('covariate-shift', Math.sqrt(changeSquared)),
          record('covariate-shift-relative', Math.sqrt(changeSquared / squaredNorm)),
          record('covariate-shift-cosine', dot / Math.sqrt(squaredNorm * movedSquaredNorm)),
        ];
      });
    };
  },
});
