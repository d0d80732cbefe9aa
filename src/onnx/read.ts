/** @file ONNX bytes of anyone → what stands in them. Nothing in the file is trusted, and nothing is understood yet. */

import { fromBinary } from '@bufbuild/protobuf';
import { counted } from '../counted.ts';
import { DataError, UnsupportedOpError } from '../errors.ts';
import { typeName } from './element-types.ts';
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import { modernise } from './modernise.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxPort, OnnxSize, OnnxTensor } from './model.ts';
import { shown } from './shown.ts';
import { requireSound } from './soundness.ts';
import { readTensor, type TensorSources } from './tensors.ts';

/** The versions of ONNX's operators that can be read: from the first, as `modernise` rewrites it, to 2025's. */
const OLDEST_OPSET = 1;
const NEWEST_OPSET = 23;

/** Bodies of loops and branches within each other; real files have two or three. */
const DEEPEST = 16;

/**
 * Reads an ONNX model: names, nodes and ports as they stand there, tensors as typed arrays, which are views of `bytes`
 * where these suit. Inputs that repeat an initialiser are left out of the inputs, and `ai.onnx` is the domain ''.
 * @param bytes - a whole file; neither kept nor changed, unless `inPlace` says so
 * @throws {DataError} where the bytes are no sound ONNX model, or numbers that they refer to cannot be had
 * @throws {UnsupportedOpError} for opsets other than 1 to 23, and for what is not known of those before 7
 */
export function readOnnx(bytes: Uint8Array, sources: TensorSources = {}): OnnxModel {
  const model = parse(bytes);
  const { graph } = model;
  const opsets = opsetsOf(model);
  modernise(model);
  if (graph === undefined || graph.node.length === 0) {
    throw new DataError(
      `An ONNX model must hold a graph with nodes, got ${counted(bytes.length, 'byte')} without; is it another kind of file?`,
    );
  }
  const read = readGraph(graph, sources, 0);
  requireImports(read, opsets);
  requireSound(read);
  return {
    irVersion: Number(model.irVersion),
    producer: { name: model.producerName, version: model.producerVersion },
    opsets,
    functions: new Set(model.functions.map(({ domain, name }) => functionKey(domain, name))),
    graph: read,
  };
}

/** How `OnnxModel.functions` names a function. */
export function functionKey(domain: string, name: string): string {
  return `${domain}::${name}`;
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    // As a plain Uint8Array: methods of a Node Buffer of the same name do other things.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return fromBinary(ModelProtoSchema, plain, { readUnknownFields: false });
  } catch (error) {
    if (error instanceof Error && error.message.includes('recursion depth')) throw tooDeep(error);
    throw new DataError(
      `Bytes must be an ONNX model, got ${counted(bytes.length, 'byte')} that are not; is the file cut off, or of another kind?`,
      { cause: error },
    );
  }
}

function tooDeep(cause?: Error): DataError {
  return new DataError(`Loops and branches of a model must be nested at most ${DEEPEST} deep, got deeper ones`, {
    cause,
  });
}

/** '' and `ai.onnx` are two names of the same. */
function domainOf(name: string): string {
  return name === 'ai.onnx' ? '' : name;
}

function opsetsOf({ opsetImport }: ModelProto): ReadonlyMap<string, number> {
  const opsets = new Map<string, number>();
  for (const entry of opsetImport) {
    const domain = domainOf(entry.domain);
    const version = Number(entry.version);
    const before = opsets.get(domain);
    if (before !== undefined && before !== version) {
      throw new DataError(`A model must name one opset per domain, got ${before} and ${version} of '${shown(domain)}'`);
    }
    opsets.set(domain, version);
  }
  const opset = opsets.get('');
  if (opset !== undefined && (opset < OLDEST_OPSET || opset > NEWEST_OPSET)) {
    throw new UnsupportedOpError(
      `Models must be of opset ${OLDEST_OPSET} to ${NEWEST_OPSET}, got opset ${opset}; ` +
        'export it again, or convert it: onnx.version_converter.convert_version(model, 13)',
    );
  }
  return opsets;
}

/** Throws unless every domain in use is imported: only then is it said what its ops mean. @throws {DataError} */
function requireImports(graph: OnnxGraph, opsets: ReadonlyMap<string, number>): void {
  for (const { op, domain, attributes } of graph.nodes) {
    if (!opsets.has(domain)) {
      throw new DataError(
        `A model must name the opset of each domain in use, got ${shown(op)} of '${domain === '' ? 'ai.onnx' : shown(domain)}' ` +
          'without; append it to model.opset_import',
      );
    }
    for (const attribute of attributes.values())
      if (attribute.kind === 'graph') requireImports(attribute.value, opsets);
  }
}

function readGraph(graph: GraphProto, sources: TensorSources, depth: number): OnnxGraph {
  if (depth > DEEPEST) throw tooDeep();
  const initialisers = new Map<string, OnnxTensor>();
  const unread = new Map<string, OnnxPort>();
  const add = (tensor: TensorProto): void => {
    if (initialisers.has(tensor.name) || unread.has(tensor.name)) {
      throw new DataError(`Each value must be made once, got the initialiser '${shown(tensor.name)}' twice`);
    }
    const read = readTensor(tensor, sources);
    if (read !== undefined) initialisers.set(tensor.name, read);
    else unread.set(tensor.name, unreadPort(tensor));
  };
  for (const tensor of graph.initializer) add(tensor);
  for (const { values } of graph.sparseInitializer) {
    if (values !== undefined) unread.set(values.name, { ...unreadPort(values), shape: undefined });
  }
  const isConstant = (name: string): boolean => initialisers.has(name) || unread.has(name);
  return {
    name: graph.name,
    inputs: graph.input.filter(({ name }) => !isConstant(name)).map(readPort),
    outputs: graph.output.map(readPort),
    initialisers,
    unread,
    nodes: graph.node.map((node) => readNode(node, sources, depth)),
    stated: new Map(graph.valueInfo.map((info) => [info.name, readPort(info)])),
  };
}

function unreadPort({ name, dataType, dims }: TensorProto): OnnxPort {
  return { name, type: typeName(dataType), shape: dims.map(Number) };
}

function readPort({ name, type }: ValueInfoProto): OnnxPort {
  if (type?.value.case !== 'tensorType') return { name, type: undefined, shape: undefined };
  const { elemType, shape } = type.value.value;
  return { name, type: typeName(elemType), shape: shape?.dim.map(({ value }) => readSize(value)) };
}

/** Sizes of 0 and below are what some exporters write for an open one. */
function readSize(
  value: { case: 'dimValue'; value: bigint } | { case: 'dimParam'; value: string } | { case: undefined },
): OnnxSize {
  if (value.case === 'dimParam') return value.value === '' ? undefined : value.value;
  return value.case === 'dimValue' && value.value > 0n ? Number(value.value) : undefined;
}

function readNode(node: NodeProto, sources: TensorSources, depth: number): OnnxNode {
  const attributes = new Map<string, OnnxAttribute>();
  for (const attribute of node.attribute) {
    if (attributes.has(attribute.name)) {
      throw new DataError(
        `Attributes of a node must differ in name, got '${shown(attribute.name)}' twice at ${shown(node.opType)} '${shown(node.name)}'`,
      );
    }
    attributes.set(attribute.name, readAttribute(attribute, sources, depth));
  }
  const { name, opType, domain, input, output } = node;
  return { name, op: opType, domain: domainOf(domain), inputs: input, outputs: output, attributes };
}

function readAttribute(attribute: AttributeProto, sources: TensorSources, depth: number): OnnxAttribute {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  switch (attribute.type) {
    case AttributeType.INT:
      return { kind: 'int', value: Number(attribute.i) };
    case AttributeType.FLOAT:
      return { kind: 'float', value: attribute.f };
    case AttributeType.STRING:
      return { kind: 'string', value: text(attribute.s) };
    case AttributeType.INTS:
      return { kind: 'ints', value: attribute.ints.map(Number) };
    case AttributeType.FLOATS:
      return { kind: 'floats', value: attribute.floats };
    case AttributeType.STRINGS:
      return { kind: 'strings', value: attribute.strings.map(text) };
    case AttributeType.TENSOR: {
      const value = attribute.t === undefined ? undefined : readTensor(attribute.t, sources);
      return value === undefined ? { kind: 'other' } : { kind: 'tensor', value };
    }
    case AttributeType.GRAPH:
      if (attribute.g === undefined)
        throw new DataError(`Attribute '${shown(attribute.name)}' must hold a graph, got none`);
      return { kind: 'graph', value: readGraph(attribute.g, sources, depth + 1) };
    case AttributeType.UNDEFINED:
      throw new DataError(`Attribute '${shown(attribute.name)}' must say of which type it is, got none`);
    default:
      return { kind: 'other' };
  }
}
