/** @file RMSProp as graph updates, as PyTorch defines it. */

import { SettingError } from '../../errors.ts';
import { add, div, mul, sub } from '../../graph/arithmetic.ts';
import { requireHeld, requireHeldBelowOne } from '../../graph/float-range.ts';
import type { Update } from '../../graph/graph.ts';
import type { FloatType } from '../../graph/tensor-type.ts';
import { type Optimiser, optimiserState } from './optimiser.ts';

export interface RmsPropSettings {
  readonly kind: 'rms-prop';
  /** Weight of the past in the running mean square. */
  readonly alpha: number;
  /** Added to the root, not under it. */
  readonly epsilon: number;
}

/** RMSProp, with PyTorch's settings unless told otherwise. */
export function rmsProp(settings: Partial<Omit<RmsPropSettings, 'kind'>> = {}): RmsPropSettings {
  return { kind: 'rms-prop', alpha: 0.99, epsilon: 1e-8, ...settings };
}

/** @throws {SettingError} */
export function checkRmsProp({ alpha, epsilon }: RmsPropSettings, float: FloatType): void {
  if (!(alpha >= 0 && alpha < 1)) throw new SettingError(`RMSProp's alpha must lie in [0, 1), got ${alpha}; try 0.99`);
  if (!(epsilon > 0 && epsilon < Infinity))
    throw new SettingError(`RMSProp's epsilon must be positive, got ${epsilon}`);
  requireHeldBelowOne("RMSProp's alpha", alpha, float, '0.99');
  requireHeld("RMSProp's epsilon", epsilon, float, '1e-8');
}

/**
 * One step for each parameter p with gradient g: v ← alpha·v + (1 − alpha)·g² (v starts at 0);
 * p ← p − lr·g/(√v + epsilon). The state v of parameter `name` is called `name/meanSquare`, in the builder's scope.
 */
export const rmsPropUpdates: Optimiser<RmsPropSettings> = (g, moving, { alpha, epsilon }) =>
  moving.flatMap(({ parameter, gradient, rate }): Update[] => {
    const meanSquare = optimiserState(g, `${parameter.name}/meanSquare`, parameter.shape);
    const next = add(g, mul(g, meanSquare, alpha), mul(g, mul(g, gradient, gradient), 1 - alpha));
    const step = div(g, mul(g, gradient, rate), add(g, g.emit('Sqrt', [next]), epsilon));
    return [
      { state: parameter, next: sub(g, parameter, step) },
      { state: meanSquare, next },
    ];
  });
