/** @file The registry of probes. */

import { unknownName } from '../errors.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { Readout } from '../train/readout.ts';
import { activationHistograms } from './activation-histograms.ts';
import { activationMoments } from './activation-moments.ts';
import { activationPercentiles, type ActivationPercentilesSettings } from './activation-percentiles.ts';
import { batchSharpness } from './batch-sharpness.ts';
import { covariateShift, type CovariateShiftSettings } from './covariate-shift.ts';
import { curvature, type CurvatureSettings } from './curvature.ts';
import { gradientConfusion, type GradientConfusionSettings } from './gradient-confusion.ts';
import { gradientHistograms } from './gradient-histograms.ts';
import { gradientMoments } from './gradient-moments.ts';
import {
  hessianTrace,
  type HessianTraceSettings,
  spectralDensity,
  type SpectralDensitySettings,
} from './hessian-spectrum.ts';
import { landscape, type LandscapeSettings } from './landscape.ts';
import { norms } from './norms.ts';
import type { ConfiguredProbe, Probe } from './probe.ts';
import { plain } from './settings.ts';
import { sharpness, type SharpnessSettings } from './sharpness.ts';
import { unitMoments, type UnitMomentsSettings } from './unit-moments.ts';

/** Each probe with the type of its settings. */
interface Probes {
  readonly norms: Probe;
  readonly 'gradient-histograms': Probe;
  readonly 'gradient-moments': Probe;
  readonly 'activation-moments': Probe;
  readonly 'activation-histograms': Probe;
  readonly 'unit-moments': Probe<UnitMomentsSettings>;
  readonly 'activation-percentiles': Probe<ActivationPercentilesSettings>;
  readonly landscape: Probe<LandscapeSettings>;
  readonly 'covariate-shift': Probe<CovariateShiftSettings>;
  readonly sharpness: Probe<SharpnessSettings>;
  readonly 'batch-sharpness': Probe;
  readonly curvature: Probe<CurvatureSettings>;
  readonly 'hessian-trace': Probe<HessianTraceSettings>;
  readonly 'spectral-density': Probe<SpectralDensitySettings>;
  readonly 'gradient-confusion': Probe<GradientConfusionSettings>;
}

export const probes: Probes = {
  norms,
  'gradient-histograms': gradientHistograms,
  'gradient-moments': gradientMoments,
  'activation-moments': activationMoments,
  'activation-histograms': activationHistograms,
  'unit-moments': unitMoments,
  'activation-percentiles': activationPercentiles,
  landscape,
  'covariate-shift': covariateShift,
  sharpness,
  'batch-sharpness': batchSharpness,
  curvature,
  'hessian-trace': hessianTrace,
  'spectral-density': spectralDensity,
  'gradient-confusion': gradientConfusion,
};

export type ProbeName = keyof typeof probes;

/** What can be set of a probe; the rest is as usual. */
type SettingsOf<Name extends ProbeName> = Partial<ReturnType<Probes[Name]['configure']>['settings']>;

/** @throws {SettingError} with the nearest known name. */
export function probeName(name: string): ProbeName {
  if (Object.hasOwn(probes, name)) return name as ProbeName;
  throw unknownName('probe', name, Object.keys(probes));
}

/** A probe with its settings read. @throws {SettingError} for a name that is not known, or settings that it cannot take. */
export function configuredProbe(name: string, settings: object): ConfiguredProbe {
  return probes[probeName(name)].configure(name, settings);
}

/** A probe as a cell's description holds it. @throws {SettingError} for settings that it cannot take. */
export function heldProbe<Name extends ProbeName>(name: Name, settings: SettingsOf<Name> = {}): HeldProbe {
  return { name, settings: plain(configuredProbe(name, settings).settings) };
}

/** What a held probe adds to a session. @throws {SettingError} for a name that is not known, or settings that it cannot take. */
export function readoutOf({ name, settings }: HeldProbe): Readout {
  return configuredProbe(name, settings).readout;
}

/** Gradient computations per training step, on average over all steps. */
export function probeCost({ name, settings }: HeldProbe): number {
  const { cost, settings: read } = configuredProbe(name, settings);
  return cost / read.every;
}

/**
 * A probe for one's own training: what it measures comes as records of the steps at which it is due.
 * @throws {SettingError} for settings that it cannot take.
 *
 * @example
 * const readout = probe('landscape', { every: 5, multiples: [0.5, 1] });
 * console.log(readout.every);
 */
export function probe<Name extends ProbeName>(name: Name, settings: SettingsOf<Name> = {}): Readout {
  return configuredProbe(name, settings).readout;
}
