/** @file What the landscape probe adds to a step, and its graph: loss and gradient at x − s·d for many s. */

import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { add, dot, mul, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder, StoredView } from '../graph/builder.ts';
import { type Graph, parametersOf, type Value } from '../graph/graph.ts';
import type { BuiltProblem } from '../problems/problem.ts';
import type { StepParts } from '../train/step-graph.ts';

/** Builds a loss on its parameters and state, or on what a view makes of them. */
export type BuildLoss = (view?: StoredView) => Pick<BuiltProblem, 'g' | 'loss'>;

/** Along what the parameters are moved: the gradient itself, or a direction of the probe's own. */
export type Direction = 'gradient' | 'random';

/** The scratch that holds one parameter's part of a direction, or what a parameter or state was before the step. */
export function scratchName(what: Direction | 'origin', stored: string): string {
  return `landscape/${what}/${stored}`;
}

function scratch(g: GraphBuilder, what: Direction | 'origin', stored: Value): Value {
  return g.input(scratchName(what, stored.name), stored.shape, { kind: 'scratch' });
}

/** Has a step keep its weights x, the norms' state before it and its gradient g in scratch. @returns ‖g‖², a scalar */
export function keepOrigin({
  g,
  parameters,
  gradients,
  keep,
}: Pick<StepParts, 'g' | 'parameters' | 'gradients' | 'keep'>): Value {
  for (const { value, role } of g.inputs) {
    const isRead = role.kind === 'parameter' || (role.kind === 'state' && role.owner === 'norm');
    if (isRead) keep(scratchName('origin', value.name), value);
  }
  const squares = parameters.map((parameter, i) => {
    const gradient = need(gradients[i], `a gradient of '${parameter.name}'`);
    keep(scratchName('gradient', parameter.name), gradient);
    return dot(g, gradient, gradient);
  });
  return total(g, squares);
}

/**
 * At the weights x − s·d, for `count` values of the scalar `s` in one run, x, d and the norms' state from scratch: `loss`,
 * and with Δg = g(x) − g(x − s·d) `changeSquared` = ‖Δg‖² and `changeDot` = ⟨Δg, g(x)⟩ over all parameters.
 */
export function displacedGraph(build: BuildLoss, direction: Direction, count: number): Graph {
  let s: Value | undefined;
  const origins = new Map<Value, Value>();
  const built = build((builder, stored, role) => {
    const origin = scratch(builder, 'origin', stored);
    if (role.kind !== 'parameter') return origin;
    origins.set(stored, origin);
    s ??= builder.input('s', [], { kind: 'sweep', count });
    return sub(builder, origin, mul(builder, scratch(builder, direction, stored), s));
  });
  const { g, loss } = built;
  const parameters = parametersOf(built.g);
  const given = new Map(g.inputs.map(({ value }) => [value.name, value]));
  const moved = parameters.map((parameter) => need(origins.get(parameter), `an origin of '${parameter.name}'`));
  const slopes = grad(g, loss, moved);
  const changes = parameters.map((parameter, i) => {
    const there = need(slopes[i], `a gradient of '${parameter.name}'`);
    const here = given.get(scratchName('gradient', parameter.name)) ?? scratch(g, 'gradient', parameter);
    return { here, change: sub(g, here, there) };
  });
  return g.finish(displacedName(direction), {
    loss,
    changeSquared: total(
      g,
      changes.map(({ change }) => dot(g, change, change)),
    ),
    changeDot: total(
      g,
      changes.map(({ change, here }) => dot(g, change, here)),
    ),
  });
}

function displacedName(direction: Direction): string {
  return `landscape/displaced-${direction}`;
}

function total(g: GraphBuilder, terms: readonly Value[]): Value {
  return terms.reduce((a, b) => add(g, a, b));
}
