/** @file What the landscape probe adds to a step, and its graph: loss and gradient at x − s·d for many s. */

import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { sub } from '../graph/arithmetic.ts';
import type { StoredView } from '../graph/builder.ts';
import { type Graph, parametersOf, type Role, type Value } from '../graph/graph.ts';
import type { BuiltProblem } from '../problems/problem.ts';
import { kept } from '../train/kept.ts';
import type { StepParts } from '../train/step-graph.ts';
import { type Along, alongRay, stepGradient } from './step-ray.ts';
import { totalProduct } from './total-product.ts';

/** Builds a loss on its parameters and state, or on what a view makes of them. */
export type BuildLoss = (
  view?: StoredView,
) => Pick<BuiltProblem, 'g' | 'loss'> & Partial<Pick<BuiltProblem, 'networks' | 'outputs'>>;

/** Along what the parameters are moved: the gradient itself, or a direction of the probe's own. */
export type Direction = 'gradient' | 'random';

/** The scratch that holds one parameter's part of a random direction. */
export function randomName(parameter: string): string {
  return `landscape/random/${parameter}`;
}

/** ‖g‖² over all parameters: a scalar, or one of each network. */
export function squaredNorm({ g, gradients, networks }: Pick<StepParts, 'g' | 'gradients' | 'networks'>): Value {
  return totalProduct(g, gradients, gradients, networks);
}

/** What a displaced graph may do otherwise. */
export interface Displacement {
  /** Its name, where one session has several. */
  readonly name?: string;
  /** The gradient at x that those at the points are compared with; default the step's. */
  readonly against?: Along;
  /** One value of s per run in place of `count`. */
  readonly onePoint?: boolean;
}

/**
 * At the weights x − s·d, for `count` values of the scalar `s` in one run, x, d and the norms' state from scratch: `loss`, and
 * over all parameters, with g = g(x), g′ = g(x − s·d) and Δg = g − g′, `changeSquared` = ‖Δg‖², `changeDot` = ⟨Δg, g⟩,
 * `squaredNorm` = ‖g′‖² and `dot` = ⟨g′, g⟩. Of networks side by side each is a vector, one of each network. Where g is not
 * the step's own gradient, `changeDot` is with that all the same.
 */
export function displacedGraph(
  build: BuildLoss,
  direction: Direction,
  count: number,
  { name = `landscape/displaced-${direction}`, against = stepGradient, onePoint = false }: Displacement = {},
): Graph {
  const randomPart: Along = (g, { name: of, shape }) => g.input(randomName(of), shape, { kind: 'scratch' });
  const s: Role = onePoint ? { kind: 'scalar' } : { kind: 'sweep', count };
  const built = build(alongRay(s, direction === 'gradient' ? stepGradient : randomPart));
  const { g, loss, networks } = built;
  const parameters = parametersOf(g);
  const origins = parameters.map((parameter) => kept(g, 'origin', parameter));
  const slopes = grad(g, loss, origins);
  const here = parameters.map((parameter) => against(g, parameter));
  const along = parameters.map((parameter) => stepGradient(g, parameter));
  const changes = here.map((gradient, i) => sub(g, gradient, need(slopes[i], `a slope of '${gradient.name}'`)));
  return g.finish(name, {
    loss: networks === undefined ? loss : need(built.outputs?.['losses'], 'a loss of each network'),
    changeSquared: totalProduct(g, changes, changes, networks),
    changeDot: totalProduct(g, changes, along, networks),
    squaredNorm: totalProduct(g, slopes, slopes, networks),
    dot: totalProduct(g, slopes, here, networks),
  });
}
