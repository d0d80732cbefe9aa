/** @file RMSProp as graph updates, as PyTorch defines it. */

import { need } from '../errors.ts';
import { add, div, mul, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Update, Value } from '../graph/graph.ts';

export interface RmsPropSettings {
  /** Weight of the past in the running mean square. */
  readonly alpha: number;
  /** Added to the root, not under it. */
  readonly epsilon: number;
}

/** PyTorch's. */
export const defaultRmsProp: RmsPropSettings = { alpha: 0.99, epsilon: 1e-8 };

/**
 * One step for each parameter p with gradient g: v ← alpha·v + (1 − alpha)·g² (v starts at 0);
 * p ← p − lr·g/(√v + epsilon). The state v of parameter `name` is called `name/meanSquare`, in the builder's scope.
 */
export function rmsProp(
  g: GraphBuilder,
  learningRate: Value,
  parameters: readonly Value[],
  gradients: readonly Value[],
  { alpha, epsilon }: RmsPropSettings,
): readonly Update[] {
  return parameters.flatMap((parameter, i): Update[] => {
    const gradient = need(gradients[i], `a gradient of '${parameter.name}'`);
    const role = { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'optimiser' } as const;
    const meanSquare = g.input(`${parameter.name}/meanSquare`, parameter.shape, role);
    const next = add(g, mul(g, meanSquare, alpha), mul(g, mul(g, gradient, gradient), 1 - alpha));
    const step = div(g, mul(g, gradient, learningRate), add(g, g.emit('Sqrt', [next]), epsilon));
    return [
      { state: parameter, next: sub(g, parameter, step) },
      { state: meanSquare, next },
    ];
  });
}
