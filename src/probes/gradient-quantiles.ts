/** @file Quantiles of the magnitudes of each parameter's gradient: its scale, and how heavy its tails are (bjorck2018, Figure 2). */

import * as z from 'zod';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { quantilesOf } from './quantiles.ts';
import { distinct, everyStep, type ProbeSettings } from './settings.ts';
import { inFloat64 } from '../runtime/tensor-data.ts';

export interface GradientQuantilesSettings extends ProbeSettings {
  /** From 0 to 100. */
  readonly percentiles: readonly number[];
}

const KIND = 'gradient-values';

/** Linearly interpolated between the sorted magnitudes, as NumPy does; not a number where one is not finite. */
export const gradientQuantiles: Probe<GradientQuantilesSettings> = defineProbe<GradientQuantilesSettings>({
  title: 'quantiles of the magnitudes of each parameter’s gradient',
  paper: 'bjorck2018',
  quantities: {
    'gradient-quantile': {
      definition:
        'percentile (the point, from 0 to 100; linearly interpolated) of |g| over the entries of the gradient of the mini-batch ' +
        'cross-entropy (without weight decay) with respect to one parameter tensor',
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(100),
    percentiles: distinct(z.number().min(0).max(100))
      .min(1)
      .default([50, 99, 99.9])
      .describe('percentiles from 0 to 100, no two alike'),
  }),
  cost: () => 0,
  fromStep: {
    outputs: ({ parameters, gradients }) =>
      Object.fromEntries(
        parameters.flatMap(({ name }, i) => {
          const gradient = gradients[i];
          return gradient === undefined ? [] : [[outputName(KIND, name), gradient]];
        }),
      ),
    read: ({ step, outputs }, { percentiles }) =>
      outputsOfKind(KIND, outputs).flatMap(({ layer, data }) => {
        const found = quantilesOf(inFloat64(data).map(Math.abs), percentiles);
        return percentiles.map((at, i) =>
          probeRecord(gradientQuantiles, 'gradient-quantile', step, found[i] ?? Number.NaN, { layer, at }),
        );
      }),
  },
});
