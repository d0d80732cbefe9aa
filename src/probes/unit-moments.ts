/** @file Mean and variance of single units of a layer over the mini-batch: how stable their distributions are from step to step. */

import * as z from 'zod';
import { mul, poolAxes, reduceMean, sub } from '../graph/arithmetic.ts';
import type { StepRecord } from '../records/record.ts';
import { drawnUnits, hiddenLayers, layersAt, unitCount } from './layer-units.ts';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface UnitMomentsSettings extends ProbeSettings {
  readonly layers: readonly number[];
  readonly units: number;
}

const what =
  'what one unit (channel) of a hidden layer hands to its activation, after norm, noise and residual, over the mini-batch of ' +
  'the training step and all its pixels; the units are drawn by the name of the layer alone';

/** What this probe adds to the step, told from what it adds with other layers where both look at one training. */
function kindOf(quantity: string, { layers }: UnitMomentsSettings): string {
  return `${quantity}-${layers.join('-')}`;
}

/** Of each unit j: mean_j and the biased variance_j (santurkar2018, Figures 2 and 8). */
export const unitMoments: Probe<UnitMomentsSettings> = defineProbe<UnitMomentsSettings>({
  title: 'mean and variance of single units',
  paper: 'santurkar2018',
  quantities: {
    'unit-mean': { definition: `mean of ${what}`, unit: '', mode: 'train' },
    'unit-variance': {
      definition: `biased variance (divides by the number of values) of ${what}`,
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({ every: everyStep(1), layers: hiddenLayers, units: unitCount }),
  cost: () => 0,
  fromStep: {
    outputs: ({ g, network }, settings) =>
      Object.fromEntries(
        layersAt('unit-moments', network.layers, settings.layers).flatMap(({ name, summed }) => {
          const axes = poolAxes(summed);
          const centred = sub(g, summed, reduceMean(g, summed, axes, true));
          return [
            [outputName(kindOf('unit-mean', settings), name), reduceMean(g, summed, axes)],
            [outputName(kindOf('unit-variance', settings), name), reduceMean(g, mul(g, centred, centred), axes)],
          ];
        }),
      ),
    read: ({ step, outputs }, settings) =>
      (['unit-mean', 'unit-variance'] as const).flatMap((quantity) =>
        outputsOfKind(kindOf(quantity, settings), outputs).flatMap(({ layer, data }) =>
          drawnUnits(layer, { shape: [1, data.length] }, settings.units).map(
            (unit): StepRecord => ({
              ...probeRecord(unitMoments, quantity, step, Number(data[unit]), { layer }),
              place: { unit },
            }),
          ),
        ),
      ),
  },
});
