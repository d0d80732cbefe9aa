/** @file The registry of probes. */

import { SettingError, unknownName } from '../errors.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { Readout } from '../train/readout.ts';
import { activationMoments } from './activation-moments.ts';
import { gradientHistograms } from './gradient-histograms.ts';
import { gradientMoments } from './gradient-moments.ts';
import { landscape } from './landscape.ts';
import { norms } from './norms.ts';
import type { Probe, ProbeSettings } from './probe.ts';

export type ProbeName = 'norms' | 'gradient-histograms' | 'gradient-moments' | 'activation-moments' | 'landscape';

export const probes: Readonly<Record<ProbeName, Probe>> = {
  norms,
  'gradient-histograms': gradientHistograms,
  'gradient-moments': gradientMoments,
  'activation-moments': activationMoments,
  landscape,
};

/** @throws {SettingError} with the nearest known name. */
export function probeName(name: string): ProbeName {
  if (Object.hasOwn(probes, name)) return name as ProbeName;
  throw unknownName('probe', name, Object.keys(probes));
}

/** A probe as a cell's description holds it. @throws {SettingError} for settings that are not known. */
export function heldProbe(name: ProbeName, settings: JsonObject = {}): HeldProbe {
  const { defaults, check } = probes[probeName(name)];
  const unknown = Object.keys(settings).find((key) => !(key in defaults));
  if (unknown !== undefined) {
    throw new SettingError(`Probe '${name}' has no setting '${unknown}'; it has ${Object.keys(defaults).join(', ')}`);
  }
  const resolved = probeSettings({ ...defaults, ...settings });
  check(resolved);
  return { name, settings: resolved };
}

/** What a probe adds to a session. @throws {SettingError} for a name or settings that are not known. */
export function readoutOf({ name, settings }: HeldProbe): Readout {
  const { check, fromStep, ownGraphs } = probes[probeName(name)];
  const resolved = probeSettings(settings);
  check(resolved);
  return {
    every: resolved.every,
    ...(fromStep !== undefined && { outputs: fromStep.outputs, read: fromStep.read }),
    ...(ownGraphs !== undefined && { open: (session) => ownGraphs(session, resolved) }),
  };
}

/** Gradient computations per training step, on average over all steps. */
export function probeCost({ name, settings }: HeldProbe): number {
  const resolved = probeSettings(settings);
  return probes[probeName(name)].cost(resolved) / resolved.every;
}

/**
 * A probe for one's own training: what it measures comes as records of the steps at which it is due.
 * @throws {SettingError} for a name or settings that are not known.
 *
 * @example
 * const readout = probe('landscape', { every: 5, multiples: [0.5, 1] });
 * console.log(readout.every);
 */
export function probe(name: ProbeName, settings: JsonObject = {}): Readout {
  return readoutOf(heldProbe(name, settings));
}

/** Settings as plain data hold them. */
function probeSettings(settings: HeldProbe['settings']): ProbeSettings {
  return { ...settings, every: Number(settings['every']) };
}
