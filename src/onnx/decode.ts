/** @file ONNX bytes → physical graph, for models of the kind that normscope writes: static shapes, raw tensors. */

import { fromBinary } from '@bufbuild/protobuf';
import { counted } from '../counted.ts';
import { DataError, UnsupportedOpError } from '../errors.ts';
import {
  type Domain,
  type PhysicalAttribute,
  type PhysicalGraph,
  type PhysicalNode,
  type PhysicalValue,
  physicalValue,
  type Port,
} from '../graph/physical.ts';
import { type DType, elementCount } from '../graph/tensor-type.ts';
import { decodeElements, dtypeOf, elementBytes } from './elements.ts';
import { OPSET } from './encode.ts';
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';

/**
 * Reads a model back. Ports are named after their values, layouts are as stored; types of values inside the graph are
 * not part of an ONNX file, so they read as float32 scalars.
 * @throws {DataError} where the bytes are no whole ONNX model
 * @throws {UnsupportedOpError} for what normscope never writes: other opsets, domains, element types, open shapes
 */
export function decodeModel(bytes: Uint8Array): PhysicalGraph {
  const graph = parse(bytes);
  const values = new Map<string, PhysicalValue>();
  const define = (value: PhysicalValue): PhysicalValue => {
    values.set(value.name, value);
    return value;
  };
  const made = (name: string): PhysicalValue =>
    values.get(name) ?? define(physicalValue(name, { dtype: 'float32', shape: [] }));
  const read = (name: string): PhysicalValue => {
    // ONNX leaves out an optional input by naming it ''.
    if (name !== '' && !values.has(name))
      throw new DataError(`Nodes must read what is made, but nothing makes '${name}'`);
    return made(name);
  };
  const port = (info: ValueInfoProto): Port => ({ name: info.name, value: define(typed(info)), perm: undefined });
  const inputs = graph.input.map(port);
  const outputs = graph.output.map(port);
  const initialisers = graph.initializer.map((tensor) => {
    const type = { dtype: dtype(tensor.dataType, tensor.name), shape: tensor.dims.map(Number) };
    const value = define(physicalValue(tensor.name, type));
    return { value, data: elements(tensor, value.dtype) };
  });
  const nodes: PhysicalNode[] = graph.node.map((node) => ({
    domain: domain(node.domain),
    op: node.opType,
    inputs: node.input.map(read),
    outputs: node.output.map(made),
    attrs: Object.fromEntries(node.attribute.map((attribute) => [attribute.name, attributeValue(attribute)])),
  }));
  return { name: graph.name, inputs, outputs, updates: [], initialisers, nodes };
}

function parse(bytes: Uint8Array): GraphProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new DataError(`Bytes must be an ONNX model, got ${counted(bytes.length, 'byte')} that are not`, {
      cause: error,
    });
  }
  const { graph } = model;
  const opsets = new Map(model.opsetImport.map((entry) => [entry.domain, entry.version]));
  const opset = opsets.get('');
  const whole = graph !== undefined && graph.node.length > 0 && graph.node.every((node) => opsets.has(node.domain));
  if (!whole || opset === undefined) {
    throw new DataError(
      `An ONNX model must hold a graph and its opsets, got ${counted(bytes.length, 'byte')} without them`,
    );
  }
  if (opset !== BigInt(OPSET)) throw new UnsupportedOpError(`Models must be of opset ${OPSET}, got opset ${opset}`);
  return graph;
}

function dtype(code: number, name: string): DType {
  const known = dtypeOf(code);
  if (known === undefined) throw new UnsupportedOpError(`Element type ${code} of '${name}' is not one normscope uses`);
  return known;
}

function typed(info: ValueInfoProto): PhysicalValue {
  const type = info.type?.value;
  if (type?.case !== 'tensorType') throw new UnsupportedOpError(`'${info.name}' must be a tensor`);
  const shape = (type.value.shape?.dim ?? []).map(({ value }) => {
    if (value.case !== 'dimValue') throw new UnsupportedOpError(`'${info.name}' must have a static shape`);
    return Number(value.value);
  });
  return physicalValue(info.name, { dtype: dtype(type.value.elemType, info.name), shape });
}

function elements(tensor: TensorProto, type: DType): readonly number[] {
  const count = elementCount(tensor.dims.map(Number));
  if (count > 0 && tensor.rawData.length === 0) {
    throw new UnsupportedOpError(`Tensor '${tensor.name}' must be stored as raw data`);
  }
  if (tensor.rawData.length !== count * elementBytes(type)) {
    throw new DataError(
      `Tensor '${tensor.name}' must hold ${counted(count, 'number')}, got ${counted(tensor.rawData.length, 'byte')}`,
    );
  }
  return decodeElements(type, tensor.rawData);
}

function domain(name: string): Domain {
  if (name === '' || name === 'com.microsoft' || name === 'com.microsoft.nchwc') return name;
  throw new UnsupportedOpError(`Ops of domain '${name}' are not known here`);
}

function attributeValue(attribute: AttributeProto): PhysicalAttribute {
  switch (attribute.type) {
    case AttributeType.INT:
      return Number(attribute.i);
    case AttributeType.INTS:
      return attribute.ints.map(Number);
    case AttributeType.FLOAT:
      return { float: attribute.f };
    case AttributeType.STRING:
      return new TextDecoder().decode(attribute.s);
    default:
      throw new UnsupportedOpError(`Attribute '${attribute.name}' has a type that normscope does not write`);
  }
}
