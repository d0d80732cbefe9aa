/** @file Definitions of internal covariate shift (santurkar2018, Definition 2.1). */

import { mean } from '../../math/statistics.ts';
import { type Definition, fresh, plain, type Reading, running, usual } from './definition.ts';
import type { Measured } from './measured.ts';

/** ‖G − G′‖ and its like of Definition 2.1. */
export function shiftDefinitions(layer: string): readonly Definition[] {
  const family = 'covariate shift';
  const average =
    (quantity: string, reading: Reading, turned = (value: number): number => value) =>
    (run: Measured, step: number): number => {
      const prefix = run.shift(reading.statistics === 'running' ? 'running' : 'batch', reading.batch);
      return mean(run.layers.map((name) => turned(run.value(`${prefix}${quantity}`, step, { layer: name }))));
    };
  const away = (cosine: number): number => 1 - cosine;
  const known = [plain, fresh, running];
  return [
    ...known.map(
      ({ words, ...reading }): Definition => ({
        ...usual,
        ...reading,
        family,
        name: `‖G − G′‖, mean over layers${words}`,
        value: average('covariate-shift', { words, ...reading }),
      }),
    ),
    ...known.map(
      ({ words, ...reading }): Definition => ({
        ...usual,
        ...reading,
        family,
        name: `‖G − G′‖/‖G‖, mean over layers${words}`,
        scale: 'relative',
        value: average('covariate-shift-relative', { words, ...reading }),
      }),
    ),
    ...known.map(
      ({ words, ...reading }): Definition => ({
        ...usual,
        ...reading,
        family,
        name: `1 − cos(G, G′), mean over layers${words}`,
        scale: 'relative',
        value: average('covariate-shift-cosine', { words, ...reading }, away),
      }),
    ),
    {
      ...usual,
      family,
      name: '‖G − G′‖ of one layer',
      of: 'one layer',
      publiclyBy: 'AlexeyGB',
      value: (run, step) => run.value('covariate-shift', step, { layer }),
    },
    {
      ...usual,
      family,
      name: '‖G − G′‖/‖G‖ of one layer',
      of: 'one layer',
      scale: 'relative',
      value: (run, step) => run.value('covariate-shift-relative', step, { layer }),
    },
    {
      ...usual,
      family,
      name: '1 − cos(G, G′) of one layer',
      of: 'one layer',
      scale: 'relative',
      publiclyBy: 'AlexeyGB',
      value: (run, step) => 1 - run.value('covariate-shift-cosine', step, { layer }),
    },
  ];
}
