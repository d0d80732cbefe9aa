/** @file A copy of a model with batch norms behind layers that had theirs multiplied away. */

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { DataError } from '../errors.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
} from './generated/onnx_pb.ts';

import { modernise } from './modernise.ts';

/** What a batch norm has behind a layer, each [C]; epsilon is added under the root. */
export interface NormToWrite {
  /** The first output of the layer's node. */
  readonly behind: string;
  /** Of what is written: names begin with it. */
  readonly name: string;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly runningMean: Float32Array;
  readonly runningVariance: Float32Array;
  readonly epsilon: number;
  /** As ONNX has it: the fraction of the running statistics that is kept. */
  readonly momentum: number;
}

/**
 * Nothing of the model is changed but that these outputs pass a norm.
 * @param bytes - a whole model, as `readOnnx` has accepted it
 * @throws {DataError} where a norm is to follow what no node makes
 */
export function withNorms(bytes: Uint8Array, norms: readonly NormToWrite[]): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  modernise(model);
  const { graph } = model;
  if (graph === undefined) throw new DataError('A model must hold a graph to write norms into, got none');
  const byOutput = new Map(norms.map((norm) => [norm.behind, norm]));
  graph.node = graph.node.flatMap((node) => {
    const norm = byOutput.get(node.output[0] ?? '');
    if (norm === undefined) return [node];
    byOutput.delete(norm.behind);
    return [node, normBehind(graph, node, norm)];
  });
  const [lost] = byOutput.keys();
  if (lost !== undefined) throw new DataError(`A norm must follow a value that a node makes, got '${lost}'`);
  return toBinary(ModelProtoSchema, model);
}

/** The node keeps its place; the norm takes the name under which others read it. */
function normBehind(graph: GraphProto, node: NodeProto, norm: NormToWrite): NodeProto {
  const before = `${norm.name}/input`;
  node.output[0] = before;
  const vectors = [
    ['weight', norm.gamma],
    ['bias', norm.beta],
    ['running_mean', norm.runningMean],
    ['running_var', norm.runningVariance],
  ] as const;
  const tensors = vectors.map(([key, data]) => vector(`${norm.name}.${key}`, data));
  graph.initializer.push(...tensors);
  return create(NodeProtoSchema, {
    name: norm.name,
    opType: 'BatchNormalization',
    input: [before, ...tensors.map(({ name }) => name)],
    output: [norm.behind],
    attribute: [
      create(AttributeProtoSchema, { name: 'epsilon', type: AttributeType.FLOAT, f: norm.epsilon }),
      create(AttributeProtoSchema, { name: 'momentum', type: AttributeType.FLOAT, f: norm.momentum }),
    ],
  });
}

function vector(name: string, data: Float32Array): TensorProto {
  const rawData = new Uint8Array(data.slice().buffer);
  return create(TensorProtoSchema, { name, dataType: DataType.FLOAT, dims: [BigInt(data.length)], rawData });
}
