/** @file Stochastic gradient descent as graph updates, as PyTorch defines it. */

import { need, SettingError } from '../errors.ts';
import { add, mul, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Update, Value } from '../graph/graph.ts';

export interface OptimiserSettings {
  /** 0 for plain SGD. */
  readonly momentum: number;
  /** λ in g + λ·p, added to the gradient of every parameter (coupled, not AdamW's form). */
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/** @throws {SettingError} */
export function checkOptimiser({ momentum, weightDecay, nesterov }: OptimiserSettings): void {
  if (!(momentum >= 0 && momentum < 1)) throw new SettingError(`Momentum must lie in [0, 1), got ${momentum}; try 0.9`);
  if (!(weightDecay >= 0 && weightDecay < Infinity))
    throw new SettingError(`Weight decay must be 0 or more, got ${weightDecay}`);
  if (nesterov && momentum === 0) throw new SettingError('Nesterov needs momentum, got 0; try 0.9');
}

/**
 * One step for each parameter p with gradient g: d = g + λ·p; v ← momentum·v + d (v starts at 0);
 * p ← p − lr·d, lr·v, or lr·(d + momentum·v) for plain, momentum and Nesterov.
 * The state v of parameter `name` is called `name/velocity`, in the builder's scope.
 */
export function sgd(
  g: GraphBuilder,
  learningRate: Value,
  parameters: readonly Value[],
  gradients: readonly Value[],
  { momentum, weightDecay, nesterov }: OptimiserSettings,
): readonly Update[] {
  // The last layer first: its gradient is ready first, and can be let go.
  return parameters
    .flatMap((parameter, i): Update[] => {
      const gradient = need(gradients[i], `a gradient of '${parameter.name}'`);
      const decayed = weightDecay === 0 ? gradient : add(g, gradient, mul(g, parameter, weightDecay));
      const move = (direction: Value): Update => ({
        state: parameter,
        next: sub(g, parameter, mul(g, direction, learningRate)),
      });
      if (momentum === 0) return [move(decayed)];
      const role = { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'optimiser' } as const;
      const velocity = g.input(`${parameter.name}/velocity`, parameter.shape, role);
      const next = add(g, mul(g, velocity, momentum), decayed);
      return [move(nesterov ? add(g, decayed, mul(g, next, momentum)) : next), { state: velocity, next }];
    })
    .toReversed();
}
