/**
 * @file Every way in which a graph can be computed, each with the errors that it is allowed: in one place for all oracles.
 * A tolerance belongs to the form of convolution, whatever the lowering; a new lowering is held to what it states.
 */

import type { FloatType } from '../../src/graph/tensor-type.ts';
import { runnableLowerings } from '../../src/testing/usual-lowering.ts';
import {
  type ConvolutionName,
  type LoweringSettings,
  loweringNames,
  loweringText,
  referenceLowering,
  resolveLowering,
} from '../../src/runtime/lowering-choice.ts';

interface Tolerances {
  /** Of whole-network gradients and Hessian-vector products, relative to the largest entry of their tensor. */
  readonly gradients: number;
  /** Of the losses along a trajectory. */
  readonly trajectory: number;
  /** Of one layer with a norm. */
  readonly norm: number;
}

export interface Precision extends Tolerances {
  readonly label: string;
  readonly float: FloatType;
  readonly settings: LoweringSettings;
}

/** Some thousand roundings of 1e-16. */
const float64: Tolerances = { gradients: 1e-10, trajectory: 1e-9, norm: 1e-12 };

/**
 * A float32 gradient of a network of 20 layers differs from float64 by 2e-6 to 6e-6 in any library. Winograd's F(4,3) loses
 * two bits more in its transforms, F(2,3) next to nothing. On networks and inputs without flips: see flips.test.ts.
 */
const float32: Readonly<Record<ConvolutionName, Tolerances>> = {
  winograd4: { gradients: 3e-5, trajectory: 1e-4, norm: 1e-6 },
  winograd2: { gradients: 1e-5, trajectory: 1e-4, norm: 1e-6 },
  direct: { gradients: 1e-5, trajectory: 1e-4, norm: 1e-6 },
};

/** Float64, and every lowering with every form of convolution that it has. */
export const allPrecisions: readonly Precision[] = [
  { label: 'reference, float64', float: 'float64', settings: referenceLowering, ...float64 },
  ...runnableLowerings.map(
    (settings): Precision => ({
      label: loweringText(settings),
      float: 'float32',
      settings,
      ...float32[settings.convolution],
    }),
  ),
];

const usual = loweringNames.map((lowering) => loweringText(resolveLowering({ lowering })));

/** Without those that differ from a main one in nothing but how convolutions are computed. */
export const mainPrecisions: readonly Precision[] = allPrecisions.filter(
  ({ float, label }) => float === 'float64' || usual.includes(label),
);
