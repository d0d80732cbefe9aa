/** @file The one graph by which a network is looked at: its loss on a batch's own statistics, and what layers and weights are. */

import { grad } from '../autodiff/reverse.ts';
import { axesOf, dot, mul, poolAxes, reduceMean, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { type Graph, parametersOf, type Value } from '../graph/graph.ts';
import { elementCount, type Shape, sizeAt } from '../graph/tensor-type.ts';
import type { LayerTrace } from '../nn/network.ts';
import type { BuiltProblem, Problem } from '../problems/problem.ts';
import { normNode } from './norm-places.ts';

/** What is known of a layer before anything is run. */
export interface LayerAbout {
  readonly name: string;
  /** Whether it ends in a ReLU, or in the tanh of which saturation is asked. */
  readonly activation: 'relu' | 'tanh' | 'other';
  /** Channels, or units. */
  readonly units: number;
  readonly hasNorm: boolean;
  readonly hasShortcut: boolean;
}

/** A weight: a parameter of a layer's own with two axes or more. */
export interface WeightAbout {
  readonly name: string;
  /** The layer that it is a parameter of; its own name where it is of no hidden layer. */
  readonly layer: string;
  readonly shape: Shape;
  readonly count: number;
  /** Whether a batch norm follows, so that its length does not change what the network computes. */
  readonly isNormalised: boolean;
}

export interface LookGraph {
  readonly graph: Graph;
  readonly layers: readonly LayerAbout[];
  readonly weights: readonly WeightAbout[];
  /** Numbers per example in the prediction: the classes. */
  readonly outputs: number;
}

/**
 * Mode `frozen`: batch statistics, and nothing is written. Gives `loss` and the problem's own outputs, and by number
 * of the layer i: `mean:i`, `variance:i` [C] of the batch (biased), `active:i` [C], the share of values above 0,
 * `spread:i`, the standard deviation of all that its linear map gives, `saturated:i`, the share beyond ±9.5 before a tanh;
 * by number of the weight: `gradient:i` = ‖∂loss/∂w‖², `reached:i`, the share of its entries whose gradient is not 0.
 */
export function lookGraph(problem: Problem, batchSize: number): LookGraph {
  const built = problem.build({ mode: 'frozen', batchSize });
  const { g, network, loss, outputs, prediction } = built;
  const weights = weightsOf(built);
  const gradients = grad(
    g,
    loss,
    weights.map(({ value }) => value),
  );
  const given: Record<string, Value> = { ...outputs, loss };
  network.layers.forEach((trace, i) => Object.assign(given, layerOutputs(built, trace, i)));
  gradients.forEach((gradient, i) => {
    given[`gradient:${i}`] = dot(g, gradient, gradient);
    given[`reached:${i}`] = shareAbove(g, g.emit('Abs', [gradient]), axesOf(gradient));
  });
  return {
    graph: g.finish('look', given),
    layers: network.layers.map((trace) => ({
      name: trace.name,
      activation: activationOf(built, trace),
      units: unitsOf(trace.output),
      hasNorm: normNode(built, trace) !== undefined || trace.normed !== trace.linear,
      hasShortcut: trace.residual !== undefined,
    })),
    weights: weights.map(({ value, layer, isNormalised }) => ({
      name: value.name,
      layer,
      shape: value.shape,
      count: elementCount(value.shape),
      isNormalised,
    })),
    outputs: elementCount(prediction.shape) / batchSize,
  };
}

function weightsOf(
  built: BuiltProblem,
): readonly { readonly value: Value; readonly layer: string; readonly isNormalised: boolean }[] {
  const { g, network } = built;
  const owners = new Map(network.layers.flatMap((trace) => trace.parameters.map((value) => [value, trace] as const)));
  const owned = new Set(
    g.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' && role.owner === 'layer' ? [value] : [])),
  );
  return parametersOf(g).flatMap((value) => {
    if (!owned.has(value) || value.shape.length < 2) return [];
    const owner = owners.get(value);
    const node = owner === undefined ? undefined : normNode(built, owner);
    return [{ value, layer: owner?.name ?? layerName(value.name), isNormalised: node !== undefined }];
  });
}

/** `head` of `head/weight`: what is of no hidden layer is known by its parameter alone. */
function layerName(parameter: string): string {
  const end = parameter.lastIndexOf('/');
  return end < 0 ? parameter : parameter.slice(0, end);
}

function layerOutputs(built: BuiltProblem, trace: LayerTrace, i: number): Readonly<Record<string, Value>> {
  const { g } = built;
  const [, mean, variance] = normNode(built, trace)?.outputs ?? [];
  const { linear, output, summed } = trace;
  const centred = sub(g, linear, reduceMean(g, linear, axesOf(linear), true));
  const activation = activationOf(built, trace);
  return {
    ...(mean && { [`mean:${i}`]: mean }),
    ...(variance && { [`variance:${i}`]: variance }),
    [`spread:${i}`]: g.emit('Sqrt', [reduceMean(g, mul(g, centred, centred), axesOf(centred))]),
    ...(activation === 'relu' && { [`active:${i}`]: shareAbove(g, output, poolAxes(output)) }),
    ...(activation === 'tanh' && { [`saturated:${i}`]: saturatedShare(g, summed) }),
  };
}

/** Which op makes a layer's output of what its activation is given; a pool or a norm may lie between. */
function activationOf({ g }: Pick<BuiltProblem, 'g'>, { output, summed }: LayerTrace): LayerAbout['activation'] {
  for (let value: Value | undefined = output; value !== undefined && value !== summed; ) {
    const node = g.producer(value);
    if (node?.op === 'Relu') return 'relu';
    if (node?.op === 'Tanh') return 'tanh';
    value = node?.inputs[0];
  }
  return 'other';
}

function unitsOf(output: Value): number {
  return output.shape.length < 2 ? 1 : sizeAt(output.shape, 1);
}

/** The share of values above 0, over some axes. */
function shareAbove(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const ones = g.emit('Expand', [g.constant(1)], { shape: x.shape });
  return reduceMean(g, g.emit('ReluGrad', [ones, x]), axes);
}

/** Beyond ±9.5 a tanh is ±1 in float32's last places: SageMaker Debugger's rule. */
function saturatedShare(g: GraphBuilder, x: Value): Value {
  return shareAbove(g, sub(g, g.emit('Abs', [x]), 9.5), axesOf(x));
}
