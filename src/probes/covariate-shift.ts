/** @file Internal covariate shift by Definition 2.1 of santurkar2018: what a step of the layers before does to a gradient. */

import * as z from 'zod';
import type { StatisticsMode, StepRecord } from '../records/record.ts';
import { openShift } from './covariate-shift-graph.ts';
import { defineProbe, type Probe, probeRecord, type Quantity } from './probe.ts';
import { batchNames, type RayBatch } from './ray.ts';
import { distinct, everyStep, type ProbeSettings } from './settings.ts';

export interface CovariateShiftSettings extends ProbeSettings {
  /** Hidden layers i, counted from 1. */
  readonly layers: readonly number[];
  /** By which statistics norms compute G and G′. */
  readonly statistics: 'batch' | 'running';
  /** On which batch. */
  readonly batch: RayBatch;
}

const about =
  'on the mini-batch of the training step, with its batch statistics and running statistics left alone: G is the gradient ' +
  'of the mini-batch loss (without weight decay) with respect to the weight of layer i at the weights before the step, G′ the same ' +
  'where all parameters that come before layer i (weights, biases, gamma and beta) are those after the step, and its own and all ' +
  'later ones are not';

/** By the prefix of the quantities: how G and G′ are read, where not as the step reads its loss. */
const readings: Readonly<Record<string, { readonly text: string; readonly mode: StatisticsMode }>> = {
  '': { text: about, mode: 'train' },
  'fresh-': {
    text: about.replace(
      'the mini-batch of the training step',
      'a batch that is drawn independently of that of the training step',
    ),
    mode: 'train',
  },
  'running-': {
    text: about.replace(
      'its batch statistics and running statistics left alone',
      'the running statistics of before the step',
    ),
    mode: 'eval',
  },
  'fresh-running-': {
    text: about
      .replace(
        'the mini-batch of the training step',
        'a batch that is drawn independently of that of the training step',
      )
      .replace('its batch statistics and running statistics left alone', 'the running statistics of before the step'),
    mode: 'eval',
  },
};

function prefixOf({ statistics, batch }: Pick<CovariateShiftSettings, 'statistics' | 'batch'>): string {
  return `${batch === 'fresh' ? 'fresh-' : ''}${statistics === 'running' ? 'running-' : ''}`;
}

const definitions = {
  'covariate-shift': '‖G − G′‖₂',
  'covariate-shift-relative': '‖G − G′‖₂ / ‖G‖₂',
  'covariate-shift-cosine': '⟨G, G′⟩ / (‖G‖₂ ‖G′‖₂)',
} as const;

const quantities: Readonly<Record<string, Quantity>> = Object.fromEntries(
  Object.entries(readings).flatMap(([prefix, { text, mode }]) =>
    Object.entries(definitions).map(([name, definition]) => [
      `${prefix}${name}`,
      { definition: `${definition}, ${text}`, unit: '', mode },
    ]),
  ),
);

/**
 * G_i = ∇_{W_i} L(W_1ᵗ, …, W_kᵗ; xᵗ, yᵗ) and G′_i = ∇_{W_i} L(W_1ᵗ⁺¹, …, W_{i−1}ᵗ⁺¹, W_iᵗ, …, W_kᵗ; xᵗ, yᵗ): the shift is
 * ‖G − G′‖₂, ideally 0, and the cosine between them, ideally 1. The first carries the unit of a gradient, which norms change;
 * ‖G − G′‖₂ / ‖G‖₂ does not.
 */
export const covariateShift: Probe<CovariateShiftSettings> = defineProbe<CovariateShiftSettings>({
  title: 'internal covariate shift of layers',
  paper: 'santurkar2018',
  quantities,
  settings: z.strictObject({
    every: everyStep(10),
    layers: distinct(z.int().min(2))
      .min(1)
      .default([2])
      .describe('hidden layers, counted from 1, each of 2 or more (nothing comes before the first), no two alike'),
    statistics: z
      .enum(['batch', 'running'])
      .default('batch')
      .describe("by which statistics norms compute both gradients: 'batch' or 'running'"),
    batch: z
      .enum(batchNames)
      .default('same')
      .describe("the batch of both gradients, 'same' (as the step's) or 'fresh'"),
  }),
  newer: ['statistics', 'batch'],
  // Read as the step reads its loss, G is the step's own gradient.
  cost: ({ layers, ...reading }) => layers.length + (prefixOf(reading) === '' ? 0 : 1),
  needs: ['origin', 'gradient'],
  ownGraphs: async (session, { layers, statistics, batch }) => {
    const prefix = prefixOf({ statistics, batch });
    const draw = batch === 'fresh' ? session.batches({ split: 'train', size: session.batchSize }) : undefined;
    const shifts = await openShift(session, layers, prefix === '' ? undefined : { name: prefix, statistics });
    return async ({ step, feeds, key }) => {
      const found = await (draw === undefined ? shifts(feeds, key) : shifts(draw(step, 0), { ...key, batch: 0 }));
      return found.flatMap(({ layer, network, changeSquared, squaredNorm, movedSquaredNorm, dot }) => {
        const record = (name: string, value: number): StepRecord => ({
          ...probeRecord(covariateShift, `${prefix}${name}`, step, value, { layer }),
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
