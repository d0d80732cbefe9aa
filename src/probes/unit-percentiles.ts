/** @file Percentiles of single units of a layer over the mini-batch (ioffe2015, Figure 1). */

import { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { quantile } from '../math/statistics.ts';
import type { StepRecord } from '../records/record.ts';
import { drawnUnits, hiddenLayers, layersAt, unitCount } from './layer-units.ts';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface UnitPercentilesSettings extends ProbeSettings {
  readonly layers: readonly number[];
  readonly units: number;
  /** From 0 to 100. */
  readonly percentiles: readonly number[];
}

const VALUES = 'unit-values';

/** Linearly interpolated between the sorted values, as NumPy does; not a number where a value is not finite. */
export const unitPercentiles: Probe<UnitPercentilesSettings> = defineProbe<UnitPercentilesSettings>({
  title: 'percentiles of single units',
  paper: 'ioffe2015',
  quantities: {
    'unit-percentile': {
      definition:
        'percentile (at: which, of 100) of what one unit (channel) of a hidden layer hands to its activation, after norm and ' +
        'residual, over the mini-batch of the training step and all its pixels, interpolated linearly; the units are drawn by the ' +
        'name of the layer alone',
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(10),
    layers: hiddenLayers,
    units: unitCount,
    percentiles: z
      .array(z.number().min(0).max(100))
      .min(1)
      .refine((list) => new Set(list).size === list.length)
      .default([15, 50, 85])
      .describe('percentiles from 0 to 100, no two alike'),
  }),
  cost: () => 0,
  fromStep: {
    outputs: ({ g, network }, { layers, units }) =>
      Object.fromEntries(
        layersAt('unit-percentiles', network.layers, layers).flatMap(({ name, summed }) =>
          drawnUnits(name, summed, units).map((unit) => [
            outputName(VALUES, `${unit}@${name}`),
            valuesOf(g, summed, unit),
          ]),
        ),
      ),
    read: ({ step, outputs }, { percentiles }) =>
      outputsOfKind(VALUES, outputs).flatMap(({ layer: key, data }) => {
        const [unit, layer] = key.split(/@(.*)/s) as [string, string];
        const values = Array.from<number | bigint, number>(data, Number);
        const isFinite = values.every(Number.isFinite);
        return percentiles.map(
          (at): StepRecord => ({
            ...probeRecord(
              unitPercentiles,
              'unit-percentile',
              step,
              isFinite ? quantile(values, at / 100) : Number.NaN,
              { layer, at },
            ),
            place: { unit: Number(unit) },
          }),
        );
      }),
  },
});

/** All values of one unit, over the batch and all pixels. */
function valuesOf(g: GraphBuilder, summed: Value, unit: number): Value {
  if (sizeAt(summed.shape, 1) === 1) return summed;
  return g.emit('Slice', [summed], { axis: 1, start: unit, end: unit + 1 });
}
