/** @file One step down any loss, by any optimiser, with what is done to the parameters after it. */

import { grad } from '../autodiff/reverse.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Update, Value } from '../graph/graph.ts';

/** The updates of an optimiser, those of its own state included. */
export type Optimise = (
  learningRate: Value,
  parameters: readonly Value[],
  gradients: readonly Value[],
) => readonly Update[];

/** Where a parameter is put after it has moved, such as back within limits. */
export type Projection = (next: Value) => Value;

/** Declares the scalar input `learningRate`; the updates come in the order in which the optimiser gives them. */
export function descend(
  g: GraphBuilder,
  loss: Value,
  parameters: readonly Value[],
  optimise: Optimise,
  project: Projection = (next) => next,
): { readonly gradients: readonly Value[]; readonly updates: readonly Update[] } {
  const gradients = grad(g, loss, parameters);
  const learningRate = g.input('learningRate', [], { kind: 'scalar' });
  const updates = optimise(learningRate, parameters, gradients).map(({ state, next }) => ({
    state,
    next: parameters.includes(state) ? project(next) : next,
  }));
  return { gradients, updates };
}

/** Weights cut to [−limit, limit] after each step (arjovsky2017, Algorithm 1, line 7). */
export function clipTo(g: GraphBuilder, limit: number): Projection {
  return (next) => g.emit('Clip', [next], { min: -limit, max: limit });
}
