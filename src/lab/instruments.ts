/** @file What can be looked at while an arm trains: each instrument as what it adds to the session, and how often. */

import { activationHistograms } from '../probes/activation-histograms.ts';
import { activationPercentiles } from '../probes/activation-percentiles.ts';
import { covariateShift } from '../probes/covariate-shift.ts';
import { landscape } from '../probes/landscape.ts';
import { norms } from '../probes/norms.ts';
import type { Readout } from '../train/readout.ts';
import type { InstrumentName } from './instrument-names.ts';

/** Step sizes of the landscape along a step, as multiples of the learning rate (santurkar2018, section 3.2). */
const MULTIPLES = [0.5, 1, 2, 4];

/** What instruments add to a session whose network has so many hidden layers. */
const readouts: Readonly<Partial<Record<InstrumentName, (layers: number) => Readout | undefined>>> = {
  activations: (layers) =>
    activationPercentiles.configure('activation-percentiles', { every: 5, layers: firstMiddleLast(layers) }).readout,
  ridgelines: () => activationHistograms.configure('activation-histograms', { every: 10 }).readout,
  gradients: () => norms.configure('norms', { every: 5 }).readout,
  landscape: () => landscape.configure('landscape', { every: 10, multiples: MULTIPLES }).readout,
  shift: (layers) => {
    const own = [...new Set([2, ...firstMiddleLast(layers)])].filter((layer) => layer > 1 && layer <= layers);
    return own.length === 0
      ? undefined
      : covariateShift.configure('covariate-shift', { every: 10, layers: own }).readout;
  },
};

/** What a session is opened with to show these; two that read the same thing share it. */
export function readoutsFor(instruments: readonly InstrumentName[], layers: number): readonly Readout[] {
  const named = new Set(
    instruments.map((name) => (name === 'smoothness' ? 'landscape' : name)).filter((name) => name in readouts),
  );
  return [...named].flatMap((name) => readouts[name]?.(layers) ?? []);
}

/** Counted from 1. */
function firstMiddleLast(layers: number): readonly number[] {
  return [...new Set([1, Math.ceil(layers / 2), layers])].filter((layer) => layer >= 1);
}
