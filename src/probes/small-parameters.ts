/** @file How many entries of each parameter are near 0: of gamma, the channels that a norm has switched off (frankle2021, section 5). */

import * as z from 'zod';
import { axesOf, reduceMean, sub } from '../graph/arithmetic.ts';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface SmallParametersSettings extends ProbeSettings {
  /** Entries of a smaller magnitude count. */
  readonly limit: number;
}

const KIND = 'small-share';

export const smallParameters: Probe<SmallParametersSettings> = defineProbe<SmallParametersSettings>({
  title: 'share of the entries of each parameter that are near 0',
  paper: 'frankle2021',
  quantities: {
    'small-parameter-share': {
      definition:
        'fraction of the entries of one parameter tensor, before the step, whose magnitude is below the limit',
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(100),
    limit: z.number().positive().default(0.01).describe('the magnitude below which an entry counts, a positive number'),
  }),
  cost: () => 0,
  fromStep: {
    outputs: ({ g, parameters }, { limit }) =>
      Object.fromEntries(
        parameters.map((parameter) => {
          const ones = g.emit('Expand', [g.constant(1)], { shape: parameter.shape });
          const below = sub(g, limit, g.emit('Abs', [parameter]));
          // 1 where the magnitude is below the limit, else 0.
          const isSmall = g.emit('ReluGrad', [ones, below]);
          return [outputName(KIND, parameter.name), reduceMean(g, isSmall, axesOf(isSmall))];
        }),
      ),
    read: ({ step, outputs }) =>
      outputsOfKind(KIND, outputs).map(({ layer, data }) =>
        probeRecord(smallParameters, 'small-parameter-share', step, Number(data[0]), { layer }),
      ),
  },
});
