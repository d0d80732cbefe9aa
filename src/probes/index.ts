/** @file The registry of probes. */

import { unknownName } from '../errors.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { Readout } from '../train/readout.ts';
import { activationHistograms } from './activation-histograms.ts';
import { activationLandscape, type ActivationLandscapeSettings } from './activation-landscape.ts';
import { activationMoments } from './activation-moments.ts';
import { activationPercentiles, type ActivationPercentilesSettings } from './activation-percentiles.ts';
import { batchSharpness } from './batch-sharpness.ts';
import { boxSharpness, type BoxSharpnessSettings } from './box-sharpness.ts';
import { cancellingSums, type CancellingSumsSettings } from './cancelling-sums.ts';
import { covariateShift, type CovariateShiftSettings } from './covariate-shift.ts';
import { curvature, type CurvatureSettings } from './curvature.ts';
import { dataSharpness, type DataSharpnessSettings } from './data-sharpness.ts';
import { gradientConfusion, type GradientConfusionSettings } from './gradient-confusion.ts';
import { gradientHistograms } from './gradient-histograms.ts';
import { gradientMoments } from './gradient-moments.ts';
import {
  hessianTrace,
  type HessianTraceSettings,
  spectralDensity,
  type SpectralDensitySettings,
} from './hessian-spectrum.ts';
import { gradientQuantiles, type GradientQuantilesSettings } from './gradient-quantiles.ts';
import { landscape, type LandscapeSettings } from './landscape.ts';
import { logitGradients, type LogitGradientsSettings } from './logit-gradients.ts';
import { momentsAlongStep, type MomentsAlongStepSettings } from './moments-along-step.ts';
import { norms } from './norms.ts';
import type { ConfiguredProbe, Probe } from './probe.ts';
import { plain } from './settings.ts';
import { sharpness, type SharpnessSettings } from './sharpness.ts';
import { smallParameters, type SmallParametersSettings } from './small-parameters.ts';
import { successiveGradients, type SuccessiveGradientsSettings } from './successive-gradients.ts';
import { unitMoments, type UnitMomentsSettings } from './unit-moments.ts';

/** Each probe with the type of its settings. */
interface Probes {
  readonly norms: Probe;
  readonly 'gradient-histograms': Probe;
  readonly 'gradient-moments': Probe;
  readonly 'gradient-quantiles': Probe<GradientQuantilesSettings>;
  readonly 'small-parameters': Probe<SmallParametersSettings>;
  readonly 'activation-moments': Probe;
  readonly 'activation-histograms': Probe;
  readonly 'unit-moments': Probe<UnitMomentsSettings>;
  readonly 'activation-percentiles': Probe<ActivationPercentilesSettings>;
  readonly 'logit-gradients': Probe<LogitGradientsSettings>;
  readonly landscape: Probe<LandscapeSettings>;
  readonly 'moments-along-step': Probe<MomentsAlongStepSettings>;
  readonly 'cancelling-sums': Probe<CancellingSumsSettings>;
  readonly 'covariate-shift': Probe<CovariateShiftSettings>;
  readonly sharpness: Probe<SharpnessSettings>;
  readonly 'batch-sharpness': Probe;
  readonly 'data-sharpness': Probe<DataSharpnessSettings>;
  readonly 'box-sharpness': Probe<BoxSharpnessSettings>;
  readonly curvature: Probe<CurvatureSettings>;
  readonly 'hessian-trace': Probe<HessianTraceSettings>;
  readonly 'spectral-density': Probe<SpectralDensitySettings>;
  readonly 'gradient-confusion': Probe<GradientConfusionSettings>;
  readonly 'successive-gradients': Probe<SuccessiveGradientsSettings>;
  readonly 'activation-landscape': Probe<ActivationLandscapeSettings>;
}

export const probes: Probes = {
  norms,
  'gradient-histograms': gradientHistograms,
  'gradient-moments': gradientMoments,
  'gradient-quantiles': gradientQuantiles,
  'small-parameters': smallParameters,
  'activation-moments': activationMoments,
  'activation-histograms': activationHistograms,
  'unit-moments': unitMoments,
  'activation-percentiles': activationPercentiles,
  'logit-gradients': logitGradients,
  landscape,
  'moments-along-step': momentsAlongStep,
  'cancelling-sums': cancellingSums,
  'covariate-shift': covariateShift,
  sharpness,
  'batch-sharpness': batchSharpness,
  'data-sharpness': dataSharpness,
  'box-sharpness': boxSharpness,
  curvature,
  'hessian-trace': hessianTrace,
  'spectral-density': spectralDensity,
  'gradient-confusion': gradientConfusion,
  'successive-gradients': successiveGradients,
  'activation-landscape': activationLandscape,
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
  const { newer = [], defaults } = probes[probeName(name)];
  const all = plain(configuredProbe(name, settings).settings);
  const usual = plain(defaults);
  const isNamed = (key: string): boolean => !newer.some((one) => one === key) || all[key] !== usual[key];
  return { name, settings: Object.fromEntries(Object.entries(all).filter(([key]) => isNamed(key))) };
}

/** What a held probe adds to a session. @throws {SettingError} for a name that is not known, or settings that it cannot take. */
export function readoutOf({ name, settings }: HeldProbe): Readout {
  return configuredProbe(name, settings).readout;
}

/** What a probe computes per training step, on average over all steps: in gradients of a batch of so many examples. */
export function probeCost({ name, settings }: HeldProbe, batchSize: number): number {
  const { cost, examples, settings: read } = configuredProbe(name, settings);
  return (cost * (examples === 0 ? 1 : examples / batchSize)) / read.every;
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
