/** @file The tours of the lab, in the order in which they are offered. */
import { covariateShift } from './covariate-shift.ts';
import { depth } from './depth.ts';
import { evaluation } from './evaluation.ts';
import { landscape } from './landscape.ts';
import { largeRates } from './large-rates.ts';
import { noise } from './noise.ts';
import { otherNorms } from './other-norms.ts';
import { smallBatches } from './small-batches.ts';
import type { Tour } from './tour.ts';
import { weightScale } from './weight-scale.ts';

export const tours: readonly Tour[] = [
  largeRates,
  noise,
  covariateShift,
  landscape,
  depth,
  smallBatches,
  evaluation,
  weightScale,
  otherNorms,
];
