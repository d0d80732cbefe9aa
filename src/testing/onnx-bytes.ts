/** @file Small ONNX files for tests, written down as what stands in them, storage forms and faults included. */

import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProtoSchema,
  type GraphProto,
  type GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from '../onnx/generated/onnx_pb.ts';

export type AttributeText = MessageInitShape<typeof AttributeProtoSchema>;
export type TensorText = MessageInitShape<typeof TensorProtoSchema>;
export type NodeText = MessageInitShape<typeof NodeProtoSchema>;
export type GraphText = Exclude<MessageInitShape<typeof GraphProtoSchema>, GraphProto>;

/** A file around a graph, of opset 17 and IR version 8 unless something else is said. */
export function onnxBytes(
  graph: GraphText,
  model: Exclude<MessageInitShape<typeof ModelProtoSchema>, ModelProto> = {},
): Uint8Array {
  const opsetImport = [{ domain: '', version: 17n }];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, opsetImport, ...model, graph }));
}

/** `node('Conv', ['x', 'w'], ['y'], [ints('strides', [2, 2])], 'conv1')`. */
export function node(
  opType: string,
  input: string[],
  output: string[],
  attribute: AttributeText[] = [],
  name = '',
): NodeText {
  return { opType, input, output, attribute, name };
}

export function int(name: string, i: number): AttributeText {
  return { name, type: AttributeType.INT, i: BigInt(i) };
}

export function float(name: string, f: number): AttributeText {
  return { name, type: AttributeType.FLOAT, f };
}

export function ints(name: string, values: readonly number[]): AttributeText {
  return { name, type: AttributeType.INTS, ints: values.map(BigInt) };
}

export function tensorAttribute(name: string, t: TensorText): AttributeText {
  return { name, type: AttributeType.TENSOR, t };
}

export function graphAttribute(name: string, g: GraphText): AttributeText {
  return { name, type: AttributeType.GRAPH, g };
}

/** float32, as raw bytes. */
export function floats(name: string, shape: readonly number[], data: ArrayLike<number>): TensorText {
  const numbers = Float32Array.from(data);
  return { name, dims: shape.map(BigInt), dataType: 1, rawData: new Uint8Array(numbers.buffer) };
}

/** The same of made-up numbers that differ from each other, from −size to size. */
export function wave(name: string, shape: readonly number[], phase: number, size = 0.8): TensorText {
  const count = shape.reduce((a, b) => a * b, 1);
  return floats(
    name,
    shape,
    Array.from({ length: count }, (_, i) => size * Math.sin(phase + 1.7 * i)),
  );
}

/** int64, in its own field. */
export function longs(name: string, data: readonly number[]): TensorText {
  return { name, dims: [BigInt(data.length)], dataType: 7, int64Data: data.map(BigInt) };
}

/** What goes in or out: a float32 tensor; a size that is a word stands open. */
export function port(name: string, shape: readonly (number | string)[]): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  );
  return { name, type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim } } } } };
}
