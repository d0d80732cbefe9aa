/** @file Stochastic gradient descent as graph updates, as PyTorch defines it. */

import { SettingError } from '../../errors.ts';
import { add, mul, sub } from '../../graph/arithmetic.ts';
import { requireHeld, requireHeldBelowOne } from '../../graph/float-range.ts';
import type { Update, Value } from '../../graph/graph.ts';
import type { FloatType } from '../../graph/tensor-type.ts';
import { masked, type Optimiser, optimiserState } from './optimiser.ts';

export interface SgdSettings {
  readonly kind: 'sgd';
  /** 0 for plain SGD. */
  readonly momentum: number;
  /** λ in g + λ·p, added to the gradient of every parameter (coupled, not AdamW's form). */
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/** SGD, plain unless told otherwise. */
export function sgd(settings: Partial<Omit<SgdSettings, 'kind'>> = {}): SgdSettings {
  return { kind: 'sgd', momentum: 0, weightDecay: 0, nesterov: false, ...settings };
}

/** @throws {SettingError} */
export function checkSgd({ momentum, weightDecay, nesterov }: SgdSettings, float: FloatType): void {
  if (!(momentum >= 0 && momentum < 1)) throw new SettingError(`Momentum must lie in [0, 1), got ${momentum}; try 0.9`);
  if (!(weightDecay >= 0 && weightDecay < Infinity)) {
    throw new SettingError(`Weight decay must be 0 or more, got ${weightDecay}`);
  }
  requireHeldBelowOne('Momentum', momentum, float, '0.9');
  requireHeld('Weight decay', weightDecay, float, '5e-4');
  if (nesterov && momentum === 0) throw new SettingError('Nesterov needs momentum, got 0; try 0.9');
}

/**
 * One step for each parameter p with gradient g: d = g + λ·p; v ← momentum·v + d (v starts at 0);
 * p ← p − lr·d, lr·v, or lr·(d + momentum·v) for plain, momentum and Nesterov.
 * The state v of parameter `name` is called `name/velocity`, in the builder's scope.
 */
export const sgdUpdates: Optimiser<SgdSettings> = (g, moving, { momentum, weightDecay, nesterov }) =>
  // The last layer first: its gradient is ready first, and can be let go.
  moving
    .flatMap(({ parameter, gradient, rate, mask }): Update[] => {
      const decayed = weightDecay === 0 ? gradient : add(g, gradient, mul(g, masked(g, parameter, mask), weightDecay));
      const move = (direction: Value): Update => ({
        state: parameter,
        next: sub(g, parameter, mul(g, direction, rate)),
      });
      if (momentum === 0) return [move(decayed)];
      const velocity = optimiserState(g, `${parameter.name}/velocity`, parameter.shape);
      const next = add(g, mul(g, velocity, momentum), decayed);
      return [move(nesterov ? add(g, decayed, mul(g, next, momentum)) : next), { state: velocity, next }];
    })
    .toReversed();
