/**
 * @file Where a network has batch norms, and what belongs to each: found by what its graph computes, not by names, since
 * the names of a network that was imported are its file's.
 */

import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Update, Value } from '../graph/graph.ts';
import { elementCount, sizeAt } from '../graph/tensor-type.ts';
import type { LayerTrace } from '../nn/network.ts';
import type { BuiltProblem, Problem } from '../problems/problem.ts';

/** One batch norm of a network. */
export interface NormPlace {
  /** Of the layer that it belongs to. */
  readonly layer: string;
  /** C. */
  readonly channels: number;
  /** Values that one channel's statistics pool over, per example. */
  readonly perExample: number;
  readonly epsilon: number;
  /** Names of what is stored, each [C]; undefined where gamma or beta is no parameter. */
  readonly gamma: string | undefined;
  readonly beta: string | undefined;
  readonly runningMean: string;
  readonly runningVariance: string;
  /** Share of the running statistics that a step keeps: 1 − momentum, as PyTorch counts it. */
  readonly kept: number;
  /** Names of the biases that it takes away again. */
  readonly redundant: readonly string[];
}

/** The op that made a layer's statistics. */
export function normNode({ g }: Pick<BuiltProblem, 'g'>, { statistics }: LayerTrace): Node | undefined {
  const mean = statistics.get('mean');
  const node = mean === undefined ? undefined : g.producer(mean);
  return node?.op === 'BatchNormalization' ? node : undefined;
}

/**
 * The batch norms that keep running statistics, in the order of the layers.
 * @param batchSize - any that the network can be built for
 */
export function normPlaces(problem: Problem, batchSize: number): readonly NormPlace[] {
  const built = problem.build({ mode: 'train', batchSize });
  const { g, network, loss } = built;
  const graph = g.finish('norms', { loss }, network.updates);
  const isParameter = new Set(
    graph.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value.name] : [])),
  );
  const named = (value: Value | undefined): string | undefined =>
    value !== undefined && isParameter.has(value.name) ? value.name : undefined;
  return network.layers.flatMap((trace): NormPlace[] => {
    const node = normNode(built, trace);
    if (node === undefined) return [];
    const [x, gamma, beta] = node.inputs as readonly Value[];
    const [, mean, variance] = node.outputs as readonly Value[];
    const ofMean = updateFrom(g, network.updates, mean);
    const ofVariance = updateFrom(g, network.updates, variance);
    if (x === undefined || ofMean === undefined || ofVariance === undefined) return [];
    const channels = sizeAt(x.shape, 1);
    return [
      {
        layer: trace.name,
        channels,
        perExample: elementCount(x.shape) / channels / batchSize,
        epsilon: (node.attrs as { readonly epsilon: number }).epsilon,
        gamma: named(gamma),
        beta: named(beta),
        runningMean: ofMean.state.name,
        runningVariance: ofVariance.state.name,
        kept: keptShare(g, graph, ofMean),
        redundant: redundantBiases(g, trace, x, channels).filter((name) => isParameter.has(name)),
      },
    ];
  });
}

/** The update of a running statistic that a batch's own goes into: looked for backwards, no further than a norm. */
function updateFrom(g: GraphBuilder, updates: readonly Update[], fresh: Value | undefined): Update | undefined {
  const reaches = (value: Value): boolean => {
    if (value === fresh) return true;
    const node = g.producer(value);
    if (node === undefined || node.op === 'BatchNormalization') return false;
    return node.inputs.some(reaches);
  };
  return updates.find(({ next }) => reaches(next));
}

/** The factor of the state itself in its update; NaN where that is no sum of products. */
function keptShare(g: GraphBuilder, graph: Graph, { state, next }: Update): number {
  const numbers = new Map(graph.constants.map(({ value, data }) => [value, data[0]]));
  const summands = g.producer(next)?.inputs ?? [];
  for (const summand of summands) {
    const factors = g.producer(summand)?.inputs ?? [];
    if (!factors.includes(state)) continue;
    const factor = factors.find((value) => value !== state);
    return factor === undefined ? Number.NaN : (numbers.get(factor) ?? Number.NaN);
  }
  return Number.NaN;
}

/** Parameters [C] that are added to what the norm is given. */
function redundantBiases(g: GraphBuilder, { parameters }: LayerTrace, x: Value, channels: number): readonly string[] {
  const node = g.producer(x);
  if (node?.op !== 'Add') return [];
  const isFrom = (value: Value, source: Value): boolean => {
    if (value === source) return true;
    const made = g.producer(value);
    return made?.op === 'Reshape' && made.inputs.some((input) => isFrom(input, source));
  };
  return parameters
    .filter(
      (parameter) =>
        elementCount(parameter.shape) === channels && node.inputs.some((input) => isFrom(input, parameter)),
    )
    .map(({ name }) => name);
}
