/** @file All of the Hessian's spectrum, as far as chance shows it: its trace, and its density, whole and per layer (ghorbani2019). */

import * as z from 'zod';
import { PRODUCT_COST } from '../curvature/hessian.ts';
import type { SymmetricOperator } from '../curvature/operator.ts';
import { smoothedDensity, spectralNodes } from '../curvature/spectral-density.ts';
import { traceOf } from '../curvature/trace.ts';
import type { StepRecord } from '../records/record.ts';
import type { Measure, Watched } from '../train/readout.ts';
import { type CurvatureMode, curvatureMode, inBothModes, openStepHessian, quantityIn } from './curvature-at-step.ts';
import { blockLayers, blockText, layerBlocks } from './layer-blocks.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface HessianTraceSettings extends ProbeSettings {
  readonly mode: CurvatureMode;
  /** Random vectors, a product each, and as many for each layer. */
  readonly vectors: number;
  /** Hidden layers, counted from 1, whose own blocks are measured. */
  readonly layers: readonly number[];
  readonly seed: number;
}

export interface SpectralDensitySettings extends HessianTraceSettings {
  /** Products with each first vector. */
  readonly steps: number;
  /** Places at which the density is recorded. */
  readonly points: number;
}

const seed = z.int().min(0).default(0).describe('a seed of the random vectors, a whole number of 0 or more');

const trace = 'over random vectors z of ±1 (Hutchinson)';
const density =
  'per unit of eigenvalue at eigenvalue `at`, by stochastic Lanczos quadrature, each node blurred by a Gaussian';
const places =
  'whose deviation is the distance between two places, which are spread evenly from below the least node to above the largest';

export const hessianTrace: Probe<HessianTraceSettings> = defineProbe<HessianTraceSettings>({
  title: 'trace of the Hessian',
  paper: 'yao2020',
  quantities: inBothModes({
    'hessian-trace': `mean of zᵀH z ${trace}, whose expectation is the trace of H`,
    'hessian-trace-error': `standard error of the mean of zᵀH z ${trace}`,
    'layer-hessian-trace': `mean of zᵀB z ${trace}, whose expectation is the trace of B, ${blockText}`,
    'layer-hessian-trace-error': `standard error of the mean of zᵀB z ${trace}, B ${blockText}`,
  }),
  settings: z.strictObject({
    every: everyStep(100),
    mode: curvatureMode,
    vectors: z.int().min(2).default(8).describe('a number of random vectors, 2 or more'),
    layers: blockLayers,
    seed,
  }),
  cost: ({ vectors, layers }) => vectors * PRODUCT_COST * (1 + layers.length),
  needs: ['origin'],
  ownGraphs: (session, { mode, layers, ...settings }) =>
    wholeAndLayers(session, hessianTrace, { name: 'hessian-trace', mode, layers }, async (block, step) => {
      const { value, standardError } = await traceOf(block, { ...settings, step });
      return [
        { quantity: 'hessian-trace', value },
        { quantity: 'hessian-trace-error', value: standardError },
      ];
    }),
});

export const spectralDensity: Probe<SpectralDensitySettings> = defineProbe<SpectralDensitySettings>({
  title: 'density of the eigenvalues of the Hessian',
  paper: 'ghorbani2019',
  quantities: inBothModes({
    'spectral-density': `share of all eigenvalues ${density} ${places}`,
    'layer-spectral-density': `share of all eigenvalues of ${blockText} ${density} ${places}`,
  }),
  settings: z.strictObject({
    every: everyStep(100),
    mode: curvatureMode,
    vectors: z.int().min(1).default(2).describe('a number of random first vectors, 1 or more'),
    layers: blockLayers,
    seed,
    steps: z.int().min(1).default(20).describe('a number of Hessian–vector products with each first vector, 1 or more'),
    points: z.int().min(9).default(101).describe('a number of places at which the density is recorded, 9 or more'),
  }),
  cost: ({ vectors, steps, layers }) => vectors * steps * PRODUCT_COST * (1 + layers.length),
  needs: ['origin'],
  ownGraphs: (session, { mode, points, layers, ...settings }) =>
    wholeAndLayers(session, spectralDensity, { name: 'spectral-density', mode, layers }, async (block, step) => {
      const nodes = await spectralNodes(block, { ...settings, step });
      const [least, most] = [nodes[0]?.value ?? Number.NaN, nodes.at(-1)?.value ?? Number.NaN];
      // Three deviations beyond either end, so that the Gaussians there are whole.
      const width = (most - least) / (points - 7) || 1;
      const grid = Array.from({ length: points }, (_, i) => least + (i - 3) * width);
      return smoothedDensity(nodes, grid, width).map((value, i) => ({
        quantity: 'spectral-density',
        value,
        at: grid[i] as number,
      }));
    }),
});

interface Found {
  readonly quantity: string;
  readonly value: number;
  readonly at?: number;
}

/** Measures the Hessian of a step, and then its blocks at some layers, whose quantities are named so. */
async function wholeAndLayers(
  session: Watched,
  probe: Pick<Probe, 'quantities'>,
  { name, mode, layers }: { readonly name: string; readonly mode: CurvatureMode; readonly layers: readonly number[] },
  measure: (block: SymmetricOperator, step: number) => Promise<readonly Found[]>,
): Promise<Measure> {
  const hessianOf = await openStepHessian(session, mode);
  const blocksOf = layerBlocks(session, name, layers);
  return async (result) => {
    const { step } = result;
    const hessian = hessianOf(result);
    const recorded = (found: readonly Found[], layer?: string): StepRecord[] =>
      found.map(({ quantity, value, ...place }) =>
        layer === undefined
          ? probeRecord(probe, quantityIn(mode, quantity), step, value, place)
          : probeRecord(probe, quantityIn(mode, `layer-${quantity}`), step, value, { ...place, layer }),
      );
    const records = recorded(await measure(hessian, step));
    for (const { layer, block } of blocksOf(hessian)) records.push(...recorded(await measure(block, step), layer));
    return records;
  };
}
