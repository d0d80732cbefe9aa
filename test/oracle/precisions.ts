/** @file Every way in which a graph can be computed, each with the errors that it is allowed: in one place for all oracles. */

import type { FloatType } from '../../src/graph/tensor-type.ts';
import type { LoweringSettings } from '../../src/runtime/lowering-choice.ts';

export interface Precision {
  readonly label: string;
  readonly float: FloatType;
  readonly settings: LoweringSettings;
  /** Of whole-network gradients and Hessian-vector products. */
  readonly gradients: number;
  /** Of the losses along a trajectory. */
  readonly trajectory: number;
  /** Of one layer with a norm. */
  readonly norm: number;
}

const reference: Precision = {
  label: 'reference',
  float: 'float32',
  settings: { lowering: 'reference' },
  gradients: 1e-5,
  trajectory: 1e-4,
  norm: 1e-6,
};

/**
 * Float64 is held to what some thousand roundings of 1e-16 leave. A float32 gradient of a network of 20 layers differs
 * from float64 by 2e-6 to 6e-6 in any library; Winograd F(4,3) loses two bits more in its transforms.
 */
export const mainPrecisions: readonly Precision[] = [
  { ...reference, label: 'reference, float64', float: 'float64', gradients: 1e-10, trajectory: 1e-9, norm: 1e-12 },
  reference,
  portable('portable', 3e-5),
];

/** With those that differ from a main one in nothing but how convolutions are computed. */
export const allPrecisions: readonly Precision[] = [
  ...mainPrecisions,
  portable('portable-f2', 1e-5),
  portable('portable-direct', 1e-5),
];

function portable(lowering: LoweringSettings['lowering'], gradients: number): Precision {
  return { ...reference, label: lowering, settings: { lowering }, gradients };
}
