/** @file All of the Hessian's spectrum, as far as chance shows it: its trace, and its density (ghorbani2019). */

import * as z from 'zod';
import { PRODUCT_COST } from '../curvature/hessian.ts';
import { smoothedDensity, spectralNodes } from '../curvature/spectral-density.ts';
import { traceOf } from '../curvature/trace.ts';
import { type CurvatureMode, curvatureMode, inBothModes, openStepHessian, quantityIn } from './curvature-at-step.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface HessianTraceSettings extends ProbeSettings {
  readonly mode: CurvatureMode;
  /** Random vectors, a product each. */
  readonly vectors: number;
  readonly seed: number;
}

export interface SpectralDensitySettings extends HessianTraceSettings {
  /** Products with each first vector. */
  readonly steps: number;
  /** Places at which the density is recorded. */
  readonly points: number;
}

const seed = z.int().min(0).default(0).describe('a seed of the random vectors, a whole number of 0 or more');

export const hessianTrace: Probe<HessianTraceSettings> = defineProbe<HessianTraceSettings>({
  title: 'trace of the Hessian',
  paper: 'yao2020',
  quantities: inBothModes({
    'hessian-trace': 'mean of zᵀH z over random vectors z of ±1 (Hutchinson), whose expectation is the trace of H',
    'hessian-trace-error': 'standard error of the mean of zᵀH z over random vectors z of ±1 (Hutchinson)',
  }),
  settings: z.strictObject({
    every: everyStep(100),
    mode: curvatureMode,
    vectors: z.int().min(2).default(8).describe('a number of random vectors, 2 or more'),
    seed,
  }),
  cost: ({ vectors }) => vectors * PRODUCT_COST,
  needs: ['origin'],
  ownGraphs: async (session, { mode, ...settings }) => {
    const hessianOf = await openStepHessian(session, mode);
    return async (result) => {
      const { step } = result;
      const { value, standardError } = await traceOf(hessianOf(result), { ...settings, step });
      return [
        probeRecord(hessianTrace, quantityIn(mode, 'hessian-trace'), step, value),
        probeRecord(hessianTrace, quantityIn(mode, 'hessian-trace-error'), step, standardError),
      ];
    };
  },
});

export const spectralDensity: Probe<SpectralDensitySettings> = defineProbe<SpectralDensitySettings>({
  title: 'density of the eigenvalues of the Hessian',
  paper: 'ghorbani2019',
  quantities: inBothModes({
    'spectral-density':
      'share of all eigenvalues per unit of eigenvalue at eigenvalue `at`, by stochastic Lanczos quadrature, each node blurred by ' +
      'a Gaussian whose deviation is the distance between two places, which are spread evenly from below the least node to above the largest',
  }),
  settings: z.strictObject({
    every: everyStep(100),
    mode: curvatureMode,
    vectors: z.int().min(1).default(2).describe('a number of random first vectors, 1 or more'),
    seed,
    steps: z.int().min(1).default(20).describe('a number of Hessian–vector products with each first vector, 1 or more'),
    points: z.int().min(9).default(101).describe('a number of places at which the density is recorded, 9 or more'),
  }),
  cost: ({ vectors, steps }) => vectors * steps * PRODUCT_COST,
  needs: ['origin'],
  ownGraphs: async (session, { mode, points, ...settings }) => {
    const hessianOf = await openStepHessian(session, mode);
    return async (result) => {
      const { step } = result;
      const nodes = await spectralNodes(hessianOf(result), { ...settings, step });
      const [least, most] = [nodes[0]?.value ?? Number.NaN, nodes.at(-1)?.value ?? Number.NaN];
      // Three deviations beyond either end, so that the Gaussians there are whole.
      const width = (most - least) / (points - 7) || 1;
      const grid = Array.from({ length: points }, (_, i) => least + (i - 3) * width);
      return smoothedDensity(nodes, grid, width).map((value, i) =>
        probeRecord(spectralDensity, quantityIn(mode, 'spectral-density'), step, value, { at: grid[i] as number }),
      );
    };
  },
});
