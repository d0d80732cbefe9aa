/**
 * @file What becomes of a network's batch norms: kept; multiplied into the layers before them, as exporters do; or put back
 * where an exporter has done so.
 */

import type { OnnxNode } from '../onnx/model.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { defaultNormSettings, type NormSettings } from '../norms/norm.ts';
import { isBatchNorm } from '../onnx/batch-norm.ts';
import { Attributes } from './attributes.ts';
import type { ChannelAffine, ChannelStatistics, Fixed } from './fixed.ts';
import { readersOf } from './walks.ts';

export type NormChange =
  | { readonly kind: 'keep' }
  | { readonly kind: 'none' }
  /** By layer: which layers get a norm, and from what. */
  | { readonly kind: 'put-back'; readonly statistics: ReadonlyMap<string, ChannelStatistics> };

/** What a norm that is put back starts from. */
interface PutBackNorm extends Pick<NormSettings, 'epsilon' | 'momentum'> {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly runningMean: Float32Array;
  readonly runningVariance: Float32Array;
}

/**
 * From the mean and the biased variance of what a layer makes over a calibration set: gamma = √(variance + epsilon), beta =
 * mean, and these as running statistics, which is the identity in evaluation mode.
 */
export function normFrom({ mean, variance }: ChannelStatistics): PutBackNorm {
  const { epsilon, momentum } = defaultNormSettings;
  const gamma = variance.map((value) => Math.sqrt(value + epsilon));
  return { gamma, beta: mean, runningMean: mean, runningVariance: variance, epsilon, momentum };
}

/** Where the norm of a layer stands that is put back. */
export function putBackName(layer: string): string {
  return `${layer}/norm`;
}

/** Of a batch norm whose vectors are known: gamma/√(runningVariance + epsilon), beta − runningMean · that. */
export function affineOf(
  node: OnnxNode,
  fixed: (name: string | undefined) => Fixed | undefined,
): ChannelAffine | undefined {
  const [gamma, beta, mean, variance] = node.inputs.slice(1, 5).map(fixed);
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) return undefined;
  const epsilon = new Attributes(node).float('epsilon', 1e-5);
  const scale = Float64Array.from(gamma.data, (value, i) => value / Math.sqrt((variance.data[i] ?? 0) + epsilon));
  const shift = Float64Array.from(beta.data, (value, i) => value - (mean.data[i] ?? 0) * (scale[i] ?? 0));
  return { scale, shift };
}

/** The batch norm that alone reads what a linear layer makes, by layer. */
export function normsBehind(nodes: readonly OnnxNode[]): ReadonlyMap<OnnxNode, OnnxNode> {
  const readers = readersOf<string, OnnxNode>(nodes);
  return new Map(
    nodes.flatMap((node) => {
      const [reader, ...others] = readers.get(node.outputs[0] ?? '') ?? [];
      const isAlone = reader !== undefined && others.length === 0;
      const isNormed = isAlone && isBatchNorm(reader) && reader.inputs[0] === node.outputs[0];
      return isNormed && unitAxis(node) !== undefined ? [[node, reader] as const] : [];
    }),
  );
}

/** The axis of the weight that counts output units; undefined for nodes without a weight. */
function unitAxis(node: OnnxNode): number | undefined {
  if (node.op === 'Conv') return 0;
  if (node.op === 'Gemm') return new Attributes(node).int('transB', 0) === 0 ? 1 : 0;
  return undefined;
}

/** Operand i of a linear layer that has a batch norm multiplied into it: scale · w, and scale · b + shift. */
export function foldedOperand(
  node: OnnxNode,
  i: number,
  { scale, shift }: ChannelAffine,
  fixed: Fixed | undefined,
): Fixed | undefined {
  const axis = unitAxis(node);
  if (i === 2) {
    const bias = Float32Array.from(shift, (value, k) => value + (scale[k] ?? 0) * (fixed?.data[k] ?? 0));
    return { shape: [bias.length], data: bias, isFloat: true };
  }
  if (i !== 1 || fixed === undefined || axis === undefined) return fixed;
  const inner = elementCount(fixed.shape.slice(axis + 1));
  const units = fixed.shape[axis] ?? 1;
  const data = Float32Array.from(fixed.data, (value, k) => value * (scale[Math.floor(k / inner) % units] ?? 0));
  return { ...fixed, data };
}
