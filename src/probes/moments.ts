/** @file Mean and standard deviation of a tensor as step outputs, read back per layer. */

import * as z from 'zod';
import { axesOf, mul, reduceMean, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { StepRecord } from '../records/record.ts';
import { scalarOf } from '../runtime/device.ts';
import type { StepParts } from '../train/step-graph.ts';
import type { StepResult } from '../train/readout.ts';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep } from './settings.ts';

/** Mean and biased variance over all elements, centred before squaring. */
function moments(g: GraphBuilder, x: Value): { readonly mean: Value; readonly variance: Value } {
  const mean = reduceMean(g, x, axesOf(x));
  const centred = sub(g, x, mean);
  return { mean, variance: reduceMean(g, mul(g, centred, centred), axesOf(x)) };
}

/**
 * A probe of the moments of one tensor per layer, recorded as `<prefix>-mean` and `<prefix>-std`.
 * @param tensors - which tensors, by layer name
 */
export function momentsProbe(
  prefix: string,
  about: Pick<Probe, 'title' | 'paper'> & { readonly what: string },
  tensors: (parts: StepParts) => ReadonlyMap<string, Value>,
): Probe {
  const quantities = {
    [`${prefix}-mean`]: { definition: `mean over all elements of ${about.what}`, unit: '', mode: 'train' },
    [`${prefix}-std`]: {
      definition: `standard deviation (biased, divides by the number of elements) over all elements of ${about.what}`,
      unit: '',
      mode: 'train',
    },
  } as const;
  return defineProbe({
    title: about.title,
    paper: about.paper,
    quantities,
    settings: z.strictObject({ every: everyStep(10) }),
    cost: () => 0,
    fromStep: {
      outputs: (parts) =>
        Object.fromEntries(
          [...tensors(parts)].flatMap(([layer, tensor]) => {
            const { mean, variance } = moments(parts.g, tensor);
            return [
              [outputName(`${prefix}-mean`, layer), mean],
              [outputName(`${prefix}-variance`, layer), variance],
            ];
          }),
        ),
      read: ({ step, outputs }: StepResult): readonly StepRecord[] =>
        outputsOfKind(`${prefix}-mean`, outputs).flatMap(({ layer, data }) => {
          const variance = scalarOf(outputs, outputName(`${prefix}-variance`, layer));
          return [
            probeRecord({ quantities }, `${prefix}-mean`, step, Number(data[0]), { layer }),
            probeRecord({ quantities }, `${prefix}-std`, step, Math.sqrt(variance), { layer }),
          ];
        }),
    },
  });
}
