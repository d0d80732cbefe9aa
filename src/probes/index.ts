/** @file The registry of probes. */

import { unknownName } from '../errors.ts';
import { activationMoments } from './activation-moments.ts';
import { gradientHistograms } from './gradient-histograms.ts';
import { gradientMoments } from './gradient-moments.ts';
import { landscape } from './landscape.ts';
import { norms } from './norms.ts';
import type { Probe } from './probe.ts';

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
