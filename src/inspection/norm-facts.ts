/** @file Batch norms that a file keeps, each with its numbers. */

import { isBatchNorm } from '../onnx/batch-norm.ts';
import type { OnnxNode, OnnxTensor } from '../onnx/model.ts';
import { type GraphView, numberAttribute } from './graph-view.ts';

export interface NormFact {
  /** The file's own name. */
  readonly name: string;
  readonly node: OnnxNode;
  /** Shapes of gamma, beta, mean and variance, as far as they are constants. */
  readonly shapes: readonly (readonly number[])[];
  /** Undefined where they are no constants (computed in the graph, or fed) or no vectors. */
  readonly gamma: OnnxTensor | undefined;
  readonly beta: OnnxTensor | undefined;
  readonly mean: OnnxTensor | undefined;
  readonly variance: OnnxTensor | undefined;
  readonly epsilon: number;
  /** ONNX's: the fraction of a running statistic that a step keeps; PyTorch's is 1 minus that. */
  readonly momentum: number;
  /** Whether the node normalises by the batch that it is given. */
  readonly isTraining: boolean;
}

/** @param opset - of ONNX's own domain: up to 13, a node that also gives statistics is in training mode */
export function normFacts(view: GraphView, opset: number): readonly NormFact[] {
  return view.graph.nodes.filter(isBatchNorm).map((node) => {
    const constants = node.inputs.slice(1, 5).map((name) => view.constantBehind(name));
    const vectors = constants.map((tensor) => (tensor !== undefined && isVector(tensor) ? tensor : undefined));
    const outputs = node.outputs.filter((name) => name !== '').length;
    return {
      name: view.nameOf(node),
      node,
      shapes: constants.flatMap((tensor) => (tensor === undefined ? [] : [tensor.shape])),
      gamma: vectors[0],
      beta: vectors[1],
      mean: vectors[2],
      variance: vectors[3],
      epsilon: numberAttribute(node, 'epsilon', 1e-5),
      momentum: numberAttribute(node, 'momentum', 0.9),
      isTraining: opset >= 14 ? numberAttribute(node, 'training_mode', 0) !== 0 : outputs > 1,
    };
  });
}

/** No network has more channels; a damaged file may, and their numbers would be made one by one. */
const MOST_CHANNELS = 1_048_576;

function isVector({ shape: [length = 0, ...others] }: OnnxTensor): boolean {
  return others.length === 0 && length > 0 && length <= MOST_CHANNELS;
}
