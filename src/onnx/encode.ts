/** @file Physical graph → ONNX bytes. */

import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type {
  Domain,
  Initialiser,
  PhysicalAttribute,
  PhysicalGraph,
  PhysicalNode,
  PhysicalValue,
} from '../graph/physical.ts';
import { typeCodes } from '../graph/tensor-type.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './generated/onnx_pb.ts';
import { encodeElements } from './elements.ts';

/** The version of ONNX's operators that every lowering writes for. */
export const OPSET = 21;
/** The file format that belongs to that version. */
const IR_VERSION = 10n;

/** What a session does not need and a reader does. */
export interface Annotations {
  readonly producerVersion: string;
  /** Whether the first axis of inputs and outputs is left open, named `batch`. */
  readonly isBatchOpen?: boolean;
}

/**
 * A model that ONNX Runtime loads, and that any ONNX viewer opens where the graph keeps to ONNX's own domain.
 * @param annotations - adds this version and, unless the batch is open, the type of every value between inputs and outputs;
 * default neither
 */
export function encodeModel(graph: PhysicalGraph, annotations?: Annotations): Uint8Array {
  const domains = new Set(domainsOf(graph));
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'normscope',
    ...(annotations !== undefined && { producerVersion: annotations.producerVersion }),
    opsetImport: [
      { domain: '', version: BigInt(OPSET) },
      ...[...domains].filter((domain) => domain !== '').map((domain) => ({ domain, version: 1n })),
    ],
    graph: graphProto(graph, annotations !== undefined, annotations?.isBatchOpen),
  });
  return toBinary(ModelProtoSchema, model);
}

/** The domains of all nodes, those of loops' bodies included. */
function domainsOf({ nodes }: PhysicalGraph): readonly Domain[] {
  return nodes.flatMap(({ domain, attrs }) => [
    domain,
    ...Object.values(attrs).flatMap((value) =>
      typeof value === 'object' && 'graph' in value ? domainsOf(value.graph) : [],
    ),
  ]);
}

function graphProto(
  graph: PhysicalGraph,
  isAnnotated: boolean,
  isBatchOpen = false,
): MessageInitShape<typeof GraphProtoSchema> {
  const outputs = new Set([...graph.outputs, ...graph.updates].map((port) => port.value));
  return {
    name: graph.name,
    input: [...new Set(graph.inputs.map((port) => port.value))].map((value) => valueInfo(value, isBatchOpen)),
    output: [...outputs].map((value) => valueInfo(value, isBatchOpen)),
    initializer: graph.initialisers.map(tensorProto),
    node: graph.nodes.map(nodeProto),
    ...(isAnnotated &&
      !isBatchOpen && {
        valueInfo: graph.nodes.flatMap((node) =>
          node.outputs.filter((value) => !outputs.has(value)).map((value) => valueInfo(value, false)),
        ),
      }),
  };
}

function valueInfo(
  { name, dtype, shape }: PhysicalValue,
  isBatchOpen: boolean,
): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size, axis) =>
    isBatchOpen && axis === 0
      ? { value: { case: 'dimParam' as const, value: 'batch' } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } },
  );
  return { name, type: { value: { case: 'tensorType', value: { elemType: typeCodes[dtype], shape: { dim } } } } };
}

function tensorProto({ value, data }: Initialiser): MessageInitShape<typeof TensorProtoSchema> {
  return {
    name: value.name,
    dims: value.shape.map(BigInt),
    dataType: typeCodes[value.dtype],
    rawData: encodeElements(value.dtype, data),
  };
}

function nodeProto(node: PhysicalNode): MessageInitShape<typeof NodeProtoSchema> {
  return {
    name: node.outputs[0]?.name ?? node.op,
    domain: node.domain,
    opType: node.op,
    input: node.inputs.map((value) => value.name),
    output: node.outputs.map((value) => value.name),
    attribute: Object.entries(node.attrs).map(([name, value]) => attributeProto(name, value)),
  };
}

function attributeProto(name: string, value: PhysicalAttribute): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('graph' in value) return { name, type: AttributeType.GRAPH, g: graphProto(value.graph, false) };
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
}
