/** @file Batch norms that a file keeps, each with its numbers. */

import type { OnnxNode, OnnxTensor } from '../onnx/model.ts';
import { constantBehind, type GraphView, numberAttribute } from './graph-view.ts';

export interface NormFact {
  /** The file's own name. */
  readonly name: string;
  readonly node: OnnxNode;
  /** Undefined where they are no constants: computed in the graph, or fed. */
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
    const [, gamma, beta, mean, variance] = node.inputs;
    const outputs = node.outputs.filter((name) => name !== '').length;
    return {
      name: view.nameOf(node),
      node,
      gamma: constantBehind(view, gamma),
      beta: constantBehind(view, beta),
      mean: constantBehind(view, mean),
      variance: constantBehind(view, variance),
      epsilon: numberAttribute(node, 'epsilon', 1e-5),
      momentum: numberAttribute(node, 'momentum', 0.9),
      isTraining: opset >= 14 ? numberAttribute(node, 'training_mode', 0) !== 0 : outputs > 1,
    };
  });
}

export function isBatchNorm({ op, domain }: OnnxNode): boolean {
  return op === 'BatchNormalization' && domain === '';
}
