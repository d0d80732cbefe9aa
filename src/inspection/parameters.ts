/** @file How many numbers of a file training would change, as far as the file tells: it does not mark them. */

import type { OnnxNode, OnnxTensor } from '../onnx/model.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { GraphView } from './graph-view.ts';
import type { LayerFact } from './layer-facts.ts';
import { isBatchNorm } from '../onnx/batch-norm.ts';

export interface ParameterCounts {
  readonly parameters: number;
  /** Running means and variances. */
  readonly statistics: number;
}

/** Which inputs of an op are parameters where they are constant floats. */
const places: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  LSTM: [1, 2, 3, 7],
  GRU: [1, 2, 3],
  RNN: [1, 2, 3],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  PRelu: [1],
  Gather: [0],
  Add: [0, 1],
  Mul: [0, 1],
};

/**
 * Constants where ops have their parameters, each name once, however many nodes read it. Those that are added to or multiplied
 * with what is fed, or that are a single number and no layer's bias, scale images and the like, and do not count.
 */
export function countParameters(view: GraphView, layers: readonly LayerFact[]): ParameterCounts {
  const found = new Map<string, number>();
  for (const { bias } of layers) if (bias !== undefined) found.set(bias.name, elementCount(bias.shape));
  let statistics = 0;
  for (const node of view.graph.nodes) {
    if (node.domain !== '') continue;
    for (const tensor of parametersOf(view, node)) found.set(tensor.name, elementCount(tensor.shape));
    if (!isBatchNorm(node)) continue;
    for (const name of node.inputs.slice(3, 5)) statistics += elementCount(view.constantBehind(name)?.shape ?? [0]);
  }
  return { parameters: [...found.values()].reduce((sum, size) => sum + size, 0), statistics };
}

function parametersOf(view: GraphView, { op, inputs }: OnnxNode): readonly OnnxTensor[] {
  const at = Object.hasOwn(places, op) ? (places[op] ?? []) : [];
  const isArithmetic = op === 'Add' || op === 'Mul';
  if (isArithmetic && inputs.some((name) => view.isInput(name))) return [];
  return at.flatMap((place) => {
    const tensor = view.constantBehind(inputs[place]);
    const isFloat = tensor !== undefined && /float|double/.test(tensor.type);
    return !isFloat || (isArithmetic && elementCount(tensor.shape) === 1) ? [] : [tensor];
  });
}
