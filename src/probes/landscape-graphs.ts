/** @file The two graphs of the landscape probe: the gradient at x, and loss and gradient at x − s·d. */

import { grad } from '../autodiff/reverse.ts';
import { add, dot, mul, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder, ParameterView } from '../graph/builder.ts';
import type { Graph, Update, Value } from '../graph/graph.ts';
import type { NetworkGraph } from '../train/network-graph.ts';

/** Builds a loss on its parameters, or on what a view makes of them. */
export type BuildLoss = (view?: ParameterView) => Pick<NetworkGraph, 'g' | 'loss' | 'parameters'>;

/** Along what the parameters are moved: the gradient itself, or a direction of the probe's own. */
export type Direction = 'gradient' | 'random';

/** The scratch that holds one parameter's part of a direction. */
export function scratchName(direction: Direction, parameter: string): string {
  return `landscape/${direction}/${parameter}`;
}

function scratch(g: GraphBuilder, direction: Direction, parameter: Value): Value {
  return g.input(scratchName(direction, parameter.name), parameter.shape, { kind: 'scratch' });
}

/** At the current weights: `loss` and `squaredNorm` = ‖g‖² over all parameters; g goes to scratch. */
export function gradientGraph(build: BuildLoss): Graph {
  const { g, loss, parameters } = build();
  const gradients = grad(g, loss, parameters);
  const updates = parameters.flatMap((parameter, i): Update[] => {
    const next = gradients[i];
    return next === undefined ? [] : [{ state: scratch(g, 'gradient', parameter), next }];
  });
  return g.finish(
    'landscape/gradient',
    {
      loss,
      squaredNorm: total(
        g,
        gradients.map((v) => dot(g, v, v)),
      ),
    },
    updates,
  );
}

/**
 * At the weights x − s·d, for the scalar feed `s` and a direction d in scratch: `loss`, and with Δg = g(x) − g(x − s·d)
 * `changeSquared` = ‖Δg‖² and `changeDot` = ⟨Δg, g(x)⟩ over all parameters.
 */
export function displacedGraph(build: BuildLoss, direction: Direction): Graph {
  let s: Value | undefined;
  const move = (g: GraphBuilder, parameter: Value): Value => {
    s ??= g.input('s', [], { kind: 'scalar' });
    return sub(g, parameter, mul(g, scratch(g, direction, parameter), s));
  };
  const { g, loss, parameters } = build(move);
  const gradients = grad(g, loss, parameters);
  const stored = new Map(g.inputs.map(({ value }) => [value.name, value]));
  const pairs = parameters.map((parameter, i) => {
    const at = gradients[i] ?? parameter;
    const before = stored.get(scratchName('gradient', parameter.name)) ?? scratch(g, 'gradient', parameter);
    return { before, change: sub(g, before, at) };
  });
  return g.finish(displacedName(direction), {
    loss,
    changeSquared: total(
      g,
      pairs.map(({ change }) => dot(g, change, change)),
    ),
    changeDot: total(
      g,
      pairs.map(({ change, before }) => dot(g, change, before)),
    ),
  });
}

export function displacedName(direction: Direction): string {
  return `landscape/displaced-${direction}`;
}

function total(g: GraphBuilder, terms: readonly Value[]): Value {
  return terms.reduce((a, b) => add(g, a, b));
}
