/** @file Counts of a tensor's values in bins, made on the device, as step outputs that are read back per layer. */

import * as z from 'zod';
import { axesOf } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { binCentre, COUNT, HISTOGRAM_BINS, LARGEST } from '../records/histogram.ts';
import type { StepRecord } from '../records/record.ts';
import type { StepParts } from '../train/step-graph.ts';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep } from './settings.ts';

export interface HistogramsAbout extends Pick<Probe, 'title' | 'paper'> {
  /** What one value of the tensor is written as: `g`. */
  readonly symbol: string;
  /** "entries of the gradient of … with respect to one parameter tensor". */
  readonly counted: string;
  /** "the gradient of … with respect to one parameter tensor". */
  readonly over: string;
  /** "tensor": what limits and counts are of, beside the step. */
  readonly each: string;
}

/** A probe of the distribution of one tensor per layer, recorded as `<prefix>-count` and `<prefix>-largest`. */
export function histogramsProbe(
  prefix: string,
  { title, paper, symbol, counted, over, each }: HistogramsAbout,
  tensors: (parts: StepParts) => ReadonlyMap<string, Value>,
): Probe {
  const [counts, limit] = [`${prefix}-counts`, `${prefix}-limit`];
  const quantities = {
    [prefix + COUNT]: {
      definition:
        `how many ${counted} lie in a bin; ${HISTOGRAM_BINS} bins of equal width from −max|${symbol}| to max|${symbol}| of ` +
        `that ${each} and step, at their centres in units of max|${symbol}|; bins without a record hold none`,
      unit: '',
      mode: 'train',
    },
    [prefix + LARGEST]: { definition: `max|${symbol}| over ${over}`, unit: '', mode: 'train' },
  } as const;
  return defineProbe({
    title,
    paper,
    quantities,
    settings: z.strictObject({ every: everyStep(100) }),
    cost: () => 0,
    fromStep: {
      outputs: (parts) =>
        Object.fromEntries(
          [...tensors(parts)].flatMap(([layer, tensor]) => {
            const { g } = parts;
            const magnitude = g.emit('Abs', [tensor]);
            const largest = g.emit('ReduceMax', [magnitude], { axes: axesOf(tensor), keepdims: false });
            return [
              [outputName(limit, layer), largest],
              [outputName(counts, layer), g.emit('Histogram', [tensor, largest], { bins: HISTOGRAM_BINS })],
            ];
          }),
        ),
      read: ({ step, outputs }) => [
        ...outputsOfKind(limit, outputs).map(({ layer, data }) =>
          probeRecord({ quantities }, prefix + LARGEST, step, Number(data[0]), { layer }),
        ),
        ...outputsOfKind(counts, outputs).flatMap(({ layer, data }) =>
          Array.from<number | bigint, StepRecord>(data, (count, bin) =>
            probeRecord({ quantities }, prefix + COUNT, step, Number(count), { layer, at: binCentre(bin) }),
          ).filter(({ value }) => value > 0),
        ),
      ],
    },
  });
}
