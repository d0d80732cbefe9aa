/** @file The top of the Hessian's spectrum: how far it stands out, how much of the gradient lies in it, and per layer (ghorbani2019). */

import * as z from 'zod';
import { type Eigenpairs, largestEigenpairs, shareWithin } from '../curvature/eigenpairs.ts';
import { PRODUCT_COST } from '../curvature/hessian.ts';
import { within } from '../curvature/restricted.ts';
import { innerProduct } from '../math/inner-product.ts';
import type { StepRecord } from '../records/record.ts';
import {
  type CurvatureMode,
  curvatureMode,
  inBothModes,
  openStepHessian,
  openStepSlope,
  quantityIn,
} from './curvature-at-step.ts';
import { blockLayers, blockText, layerBlocks } from './layer-blocks.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface CurvatureSettings extends ProbeSettings {
  readonly mode: CurvatureMode;
  /** How many of the largest eigenvalues. */
  readonly count: number;
  /** Products per measurement, and as many for each layer. */
  readonly products: number;
  /** ‖H y − θ y‖ / |θ| up to which an eigenvalue counts as found. */
  readonly tolerance: number;
  /** Hidden layers, counted from 1, whose own blocks are measured. */
  readonly layers: readonly number[];
  readonly seed: number;
}

const ritz = 'of Lanczos’ algorithm with thick restarts on';

/** As many products at every measurement, so that its cost is known beforehand; how many eigenvalues they have found is recorded. */
export const curvature: Probe<CurvatureSettings> = defineProbe<CurvatureSettings>({
  title: 'largest eigenvalues of the Hessian, and the gradient in their eigenspace',
  paper: 'ghorbani2019',
  quantities: inBothModes({
    eigenvalue: `Ritz value number \`at\` from the largest, ${ritz} H`,
    'eigenvalue-residual': `‖H y − θ y‖₂ of Ritz value θ number \`at\` with its vector y of length 1, ${ritz} H`,
    'eigenvalues-found': `how many of the largest Ritz values in a row are converged to the tolerance asked for, ${ritz} H`,
    'eigenvalue-ratio': `largest Ritz value over the last of those measured (the tenth, unless set), ${ritz} H`,
    'top-eigenspace-share': `‖P g‖² / ‖g‖², g the gradient of the same loss, P the projection on the vectors of the largest Ritz values, ${ritz} H`,
    'scale-free-sharpness': `λ ‖w‖², λ the largest Ritz value ${ritz} H, w all parameters`,
    'layer-sharpness': `largest Ritz value ${ritz} ${blockText}`,
    'layer-sharpness-residual': `‖H y − θ y‖₂ of the largest Ritz value θ ${ritz} ${blockText}`,
    'layer-scale-free-sharpness': `λ ‖w‖², λ the largest Ritz value ${ritz} ${blockText}, w those parameters`,
  }),
  settings: z.strictObject({
    every: everyStep(100),
    mode: curvatureMode,
    count: z.int().min(1).default(10).describe('a number of eigenvalues, 1 or more, and no more than products'),
    products: z.int().min(1).default(40).describe('a number of Hessian–vector products per measurement and per layer'),
    tolerance: z.number().positive().default(1e-2).describe('a positive share of an eigenvalue'),
    layers: blockLayers,
    seed: z.int().min(0).default(0).describe('a seed of the first vectors, a whole number of 0 or more'),
  }),
  // The gradient is computed once, for either mode.
  cost: ({ products, layers }) => products * PRODUCT_COST * (1 + layers.length) + 1,
  needs: ['origin'],
  ownGraphs: async (session, { mode, count, products, tolerance, layers, seed }) => {
    const [hessianOf, slopeOf] = [await openStepHessian(session, mode), await openStepSlope(session, mode)];
    const blocksOf = layerBlocks(session, 'curvature', layers);
    return async ({ step, feeds, key }) => {
      const hessian = hessianOf({ feeds, key });
      const { gradient, weights } = await slopeOf(feeds, key);
      const note = (quantity: string, value: number, place: Partial<StepRecord> = {}): StepRecord =>
        probeRecord(curvature, quantityIn(mode, quantity), step, value, place);
      // No tolerance: as many products at every measurement.
      const settings = { tolerance: 0, products, seed, step };
      const top = await largestEigenpairs(hessian, { ...settings, count });
      const records = [...topRecords(top, { gradient, weights, tolerance }, note)];
      for (const { layer, block, ranges } of blocksOf(hessian)) {
        const { values, residuals } = await largestEigenpairs(block, settings);
        const [value = Number.NaN, residual = Number.NaN] = [values[0], residuals[0]];
        const own = within(weights, ranges);
        records.push(
          note('layer-sharpness', value, { layer }),
          note('layer-sharpness-residual', residual, { layer }),
          note('layer-scale-free-sharpness', value * innerProduct(own, own), { layer }),
        );
      }
      return records;
    };
  },
});

/** What is recorded of the eigenvalues of the whole Hessian. */
function topRecords(
  { values, vectors, residuals }: Eigenpairs,
  { gradient, weights, tolerance }: { gradient: Float64Array; weights: Float64Array; tolerance: number },
  note: (quantity: string, value: number, place?: Partial<StepRecord>) => StepRecord,
): readonly StepRecord[] {
  const missed = values.findIndex((value, i) => !((residuals[i] as number) <= tolerance * Math.abs(value)));
  const largest = values[0] ?? Number.NaN;
  return [
    ...values.map((value, i) => note('eigenvalue', value, { at: i + 1 })),
    ...residuals.map((residual, i) => note('eigenvalue-residual', residual, { at: i + 1 })),
    note('eigenvalues-found', missed < 0 ? values.length : missed),
    note('eigenvalue-ratio', largest / (values.at(-1) ?? Number.NaN)),
    note('top-eigenspace-share', shareWithin(vectors, gradient)),
    note('scale-free-sharpness', largest * innerProduct(weights, weights)),
  ];
}
