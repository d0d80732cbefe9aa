/** @file The Hessian of a problem's loss with respect to all its parameters, as an operator: one product at a time. */

import { hvp } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import type { StoredView } from '../graph/builder.ts';
import { type Graph, parametersOf, type Value } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { Problem } from '../problems/problem.ts';
import { outputOf, type Program, type Tensors } from '../runtime/device.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import { floatsOf } from '../runtime/tensor-data.ts';
import type { SymmetricOperator } from './operator.ts';
import type { Range } from './restricted.ts';

export interface HessianSettings {
  /** N, examples per batch. */
  readonly batchSize: number;
  /** Whose statistics norms use: `frozen` the batch's, as in training, or `eval` the running ones. Neither is changed. */
  readonly mode: 'frozen' | 'eval';
  /** Where the weights are read; default those that are trained, as they are at the moment. */
  readonly view?: StoredView | undefined;
}

/** The Hessian of a loss on one batch. */
export interface Hessian extends SymmetricOperator {
  /** Where each parameter lies in its vectors, in the order in which the network declares them. */
  readonly parameters: readonly ParameterRange[];
}

/** Coordinates start … end − 1 belong to the parameter of this name. */
export interface ParameterRange extends Range {
  readonly name: string;
}

/** Where some parameters stand, in the order of their names. */
export function rangesOf(
  { parameters }: Pick<Hessian, 'parameters'>,
  names: readonly string[],
): readonly ParameterRange[] {
  return names.map((name) =>
    need(
      parameters.find((parameter) => parameter.name === name),
      `a place of '${name}'`,
    ),
  );
}

/** Gradients that one product costs, about: it is the gradient of a gradient, which is computed on the way. */
export const PRODUCT_COST = 3;

export const PRODUCT_GRAPH = 'hessian-product';

const vectorName = (parameter: string): string => `vector/${parameter}`;

/** H v, H = ∂²loss/∂x² over all parameters x: fed `vector/<parameter>` for v, and gives one output per parameter. */
function productGraph(
  problem: Problem,
  { batchSize, mode, view }: HessianSettings,
): { readonly graph: Graph; readonly parameters: readonly Value[] } {
  const viewed = new Map<Value, Value>();
  const { g, loss } = problem.build({
    mode,
    batchSize,
    view: (builder, stored, role) => {
      const value = view?.(builder, stored, role) ?? stored;
      viewed.set(stored, value);
      return value;
    },
  });
  const parameters = parametersOf(g);
  const points = parameters.map((parameter) => need(viewed.get(parameter), `a point of '${parameter.name}'`));
  const vectors = parameters.map(({ name, shape }) => g.input(vectorName(name), shape, { kind: 'data' }));
  const products = hvp(g, loss, points, vectors);
  const named = parameters.map(({ name }, i) => [name, need(products[i], `a product of '${name}'`)] as const);
  return { graph: g.finish(PRODUCT_GRAPH, Object.fromEntries(named)), parameters };
}

/**
 * Compiles the products of the Hessian once; each batch then gives an operator. Its vectors hold all parameters one after
 * the other, in the order in which the network declares them, whatever the network computes in.
 * @param load - compiles a graph where the weights are: a session's or a device's own
 * @returns from feeds, of which those are taken that the products depend on, to the Hessian of the loss on them; a network
 * with random numbers needs the key that they are drawn by
 *
 * @example
 * const device = await openDevice({ lowering: 'reference' });
 * const problem = regression(deepLinear({ depth: 2, width: 3 }), { input: [3], outputs: 3, float: 'float64' });
 * const session = await openSession(device, problem, { batchSize: 4, optimiser: sgd(), learningRate: 0.01 });
 * const hessian = await openHessian((graph) => session.load(graph), problem, { batchSize: 4, mode: 'frozen' });
 * const x = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i));
 * const { values } = await lanczos(hessian({ x, y: x }), { steps: 8, seed: 0 });
 * console.log(values.at(-1)); // the largest eigenvalue
 * await device.close();
 */
export async function openHessian(
  load: (graph: Graph) => Promise<Program>,
  problem: Problem,
  settings: HessianSettings,
): Promise<(feeds: Tensors, key?: DrawKey) => Hessian> {
  const { graph, parameters } = productGraph(problem, settings);
  const program = await load(graph);
  const fed = new Set(graph.inputs.flatMap(({ value, role }) => (role.kind === 'scratch' ? [] : [value.name])));
  const onlyFed = (tensors: Tensors): Tensors =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => fed.has(name)));
  let size = 0;
  const places = parameters.map(({ name, shape }) => {
    const start = size;
    size += elementCount(shape);
    return { name, start, end: size };
  });
  const vectorsOf = (v: Float64Array): Tensors =>
    Object.fromEntries(
      places.map(({ name, start, end }) => [vectorName(name), floatsOf(problem.float, v.subarray(start, end))]),
    );
  return (feeds, key) => ({
    size,
    parameters: places,
    apply: async (v) => {
      const outputs = await program.run({ ...onlyFed(feeds), ...onlyFed(vectorsOf(v)) }, key);
      const product = new Float64Array(size);
      for (const { name, start } of places) product.set(outputOf(outputs, name) as Float32Array, start);
      return product;
    },
  });
}
