/** @file Adam as graph updates, as PyTorch defines it. */

import { SettingError } from '../../errors.ts';
import { add, div, mul, sub } from '../../graph/arithmetic.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { requireHeld, requireHeldBelowOne } from '../../graph/float-range.ts';
import type { Update, Value } from '../../graph/graph.ts';
import type { FloatType } from '../../graph/tensor-type.ts';
import { type Optimiser, optimiserState } from './optimiser.ts';

export interface AdamSettings {
  readonly kind: 'adam';
  /** Weight of the past in the running mean of gradients. */
  readonly beta1: number;
  /** Weight of the past in the running mean of their squares. */
  readonly beta2: number;
  /** Added to the root, not under it. */
  readonly epsilon: number;
}

/** Adam, with PyTorch's settings unless told otherwise. */
export function adam(settings: Partial<Omit<AdamSettings, 'kind'>> = {}): AdamSettings {
  return { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...settings };
}

/** @throws {SettingError} */
export function checkAdam({ beta1, beta2, epsilon }: AdamSettings, float: FloatType): void {
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    if (!(beta >= 0 && beta < 1)) throw new SettingError(`Adam's ${name} must lie in [0, 1), got ${beta}; try 0.9`);
    requireHeldBelowOne(`Adam's ${name}`, beta, float, '0.9');
  }
  if (!(epsilon > 0 && epsilon < Infinity)) throw new SettingError(`Adam's epsilon must be positive, got ${epsilon}`);
  requireHeld("Adam's epsilon", epsilon, float, '1e-8');
}

/**
 * Step t (from 1) for each parameter p with gradient g: m ← beta1·m + (1 − beta1)·g; v ← beta2·v + (1 − beta2)·g² (both
 * start at 0); p ← p − lr · (m/(1 − beta1^t)) / (√v/√(1 − beta2^t) + epsilon) (kingma2015, Algorithm 1). The state of
 * parameter `name` is called `name/mean` and `name/meanSquare`; beta1^t and beta2^t are scalars of state, `power1` and
 * `power2`.
 */
export const adamUpdates: Optimiser<AdamSettings> = (g, moving, { beta1, beta2, epsilon }) => {
  const [power1, update1] = power(g, 'power1', beta1);
  const [power2, update2] = power(g, 'power2', beta2);
  const [correction1, correction2] = [sub(g, 1, power1), g.emit('Sqrt', [sub(g, 1, power2)])];
  const moves = moving.flatMap(({ parameter, gradient, rate }): Update[] => {
    const mean = optimiserState(g, `${parameter.name}/mean`, parameter.shape);
    const meanSquare = optimiserState(g, `${parameter.name}/meanSquare`, parameter.shape);
    const nextMean = add(g, mul(g, mean, beta1), mul(g, gradient, 1 - beta1));
    const nextSquare = add(g, mul(g, meanSquare, beta2), mul(g, mul(g, gradient, gradient), 1 - beta2));
    const root = add(g, div(g, g.emit('Sqrt', [nextSquare]), correction2), epsilon);
    const step = div(g, mul(g, div(g, nextMean, correction1), rate), root);
    return [
      { state: parameter, next: sub(g, parameter, step) },
      { state: mean, next: nextMean },
      { state: meanSquare, next: nextSquare },
    ];
  });
  return [...moves, update1, update2];
};

/** base^t after step t, kept from step to step. */
function power(g: GraphBuilder, name: string, base: number): readonly [next: Value, update: Update] {
  const state = optimiserState(g, name, [], 1);
  const next = mul(g, state, base);
  return [next, { state, next }];
}
