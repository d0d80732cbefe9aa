/** @file Percentiles of what layers, or single units of them, hand to their activation (ioffe2015, Figure 1). */

import * as z from 'zod';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { StepRecord } from '../records/record.ts';
import { drawnUnits, hiddenLayers, layersAt } from './layer-units.ts';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { quantilesOf } from './quantiles.ts';
import { distinct, everyStep, type ProbeSettings } from './settings.ts';
import { inFloat64 } from '../runtime/tensor-data.ts';

export interface ActivationPercentilesSettings extends ProbeSettings {
  readonly layers: readonly number[];
  /** So many units, each by itself; 0 for all units of a layer together. */
  readonly units: number;
  /** From 0 to 100. */
  readonly percentiles: readonly number[];
}

/** What this probe adds to the step, told from what it adds with other settings where both look at one training. */
const valuesOf = ({ units, layers }: ActivationPercentilesSettings): string =>
  `activation-values-${units}-${layers.join('-')}`;

/** Linearly interpolated between the sorted values, as NumPy does; not a number where a value is not finite. */
export const activationPercentiles: Probe<ActivationPercentilesSettings> = defineProbe<ActivationPercentilesSettings>({
  title: 'percentiles of what layers or units hand to their activation',
  paper: 'ioffe2015',
  quantities: {
    'activation-percentile': {
      definition:
        'percentile (at: which, of 100) of what one unit (channel) of a hidden layer, or the whole of it, hands to its activation, ' +
        'after norm and residual, over the mini-batch of the training step and all its pixels, interpolated linearly, to 7 digits; units are drawn by ' +
        'the name of the layer alone',
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(10),
    layers: hiddenLayers,
    units: z
      .int()
      .min(0)
      .default(0)
      .describe('a number of units (channels) of each layer, each by itself, or 0 for all of a layer together'),
    percentiles: distinct(z.number().min(0).max(100))
      .min(1)
      .default([15, 50, 85])
      .describe('percentiles from 0 to 100, no two alike'),
  }),
  cost: () => 0,
  fromStep: {
    outputs: ({ g, network }, settings) =>
      Object.fromEntries(
        layersAt('activation-percentiles', network.layers, settings.layers).flatMap(({ name, summed }) =>
          settings.units === 0
            ? [[outputName(valuesOf(settings), name), summed]]
            : drawnUnits(name, summed, settings.units).map((unit) => [
                outputName(valuesOf(settings), `${unit}@${name}`),
                unitValues(g, summed, unit),
              ]),
        ),
      ),
    read: ({ step, outputs }, settings) =>
      outputsOfKind(valuesOf(settings), outputs).flatMap(({ layer: key, data }) => {
        const [layer = '', unit] = key.split('@').toReversed();
        const found = quantilesOf(inFloat64(data), settings.percentiles);
        return settings.percentiles.map((at, i): StepRecord => {
          const value = found[i] ?? Number.NaN;
          const record = probeRecord(activationPercentiles, 'activation-percentile', step, value, { layer, at });
          return unit === undefined ? record : { ...record, place: { unit: Number(unit) } };
        });
      }),
  },
});

/** All values of one unit, over the batch and all pixels. */
function unitValues(g: GraphBuilder, summed: Value, unit: number): Value {
  if (sizeAt(summed.shape, 1) === 1) return summed;
  return g.emit('Slice', [summed], { axis: 1, start: unit, end: unit + 1 });
}
