/** @file How the entries of each parameter's gradient are distributed: counts in bins, made on the device. */

import { z } from 'zod';
import { axesOf } from '../graph/arithmetic.ts';
import type { StepRecord } from '../records/record.ts';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep } from './settings.ts';

/** Odd, so that zero is the middle of a bin, and a symmetric distribution has symmetric counts. */
export const HISTOGRAM_BINS = 65;

const [COUNTS, LIMIT] = ['gradient-counts', 'gradient-limit'];

/** The middle of a bin, on the scale from −1 to 1. */
export function binCentre(bin: number): number {
  return (2 * bin + 1) / HISTOGRAM_BINS - 1;
}

export const gradientHistograms: Probe = defineProbe({
  title: 'histograms of the gradient of each parameter',
  paper: 'bjorck2018',
  quantities: {
    'gradient-count': {
      definition:
        `how many entries of the gradient of the mini-batch cross-entropy (without weight decay) with respect to one ` +
        `parameter tensor lie in a bin; ${HISTOGRAM_BINS} bins of equal width from −max|g| to max|g| of that tensor and ` +
        `step, at their centres in units of max|g|; bins without a record hold none`,
      unit: '',
      mode: 'train',
    },
    'gradient-largest': {
      definition:
        'max|g| over the gradient of the mini-batch cross-entropy (without weight decay) with respect to one parameter tensor',
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({ every: everyStep(100) }),
  cost: () => 0,
  fromStep: {
    outputs: ({ g, parameters, gradients }) =>
      Object.fromEntries(
        parameters.flatMap(({ name }, i) => {
          const gradient = gradients[i];
          if (gradient === undefined) return [];
          const magnitude = g.emit('Abs', [gradient]);
          const limit = g.emit('ReduceMax', [magnitude], { axes: axesOf(gradient), keepdims: false });
          const counts = g.emit('Histogram', [gradient, limit], { bins: HISTOGRAM_BINS });
          return [
            [outputName(LIMIT, name), limit],
            [outputName(COUNTS, name), counts],
          ];
        }),
      ),
    read: ({ step, outputs }) => [
      ...outputsOfKind(LIMIT, outputs).map(({ layer, data }) =>
        probeRecord(gradientHistograms, 'gradient-largest', step, Number(data[0]), { layer }),
      ),
      ...outputsOfKind(COUNTS, outputs).flatMap(({ layer, data }) =>
        Array.from<number | bigint, StepRecord>(data, (count, bin) =>
          probeRecord(gradientHistograms, 'gradient-count', step, Number(count), { layer, at: binCentre(bin) }),
        ).filter(({ value }) => value > 0),
      ),
    ],
  },
});
