/**
 * @file Physical graph → ONNX bytes, message by message as onnx.proto numbers their fields, and each field in the order of its
 * number. What reads files has code for all of onnx.proto (`generated/`), which a page that only trains need not load.
 */

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type {
  Domain,
  Initialiser,
  PhysicalAttribute,
  PhysicalGraph,
  PhysicalNode,
  PhysicalValue,
} from '../graph/physical.ts';
import { typeCodes } from '../graph/tensor-type.ts';
import { encodeElements } from './elements.ts';

/** The version of ONNX's operators that every lowering writes for. */
export const OPSET = 21;
/** The file format that belongs to that version. */
const IR_VERSION = 10;

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
  const model = new BinaryWriter();
  integer(model, 1, IR_VERSION);
  text(model, 2, 'normscope');
  if (annotations !== undefined) text(model, 3, annotations.producerVersion);
  message(model, 7, () => writeGraph(model, graph, annotations !== undefined, annotations?.isBatchOpen));
  for (const [domain, version] of [['', OPSET] as const, ...others(domains)]) {
    message(model, 8, () => {
      text(model, 1, domain);
      integer(model, 2, version);
    });
  }
  return model.finish();
}

/** ONNX Runtime's domains, which have one version. */
function others(domains: ReadonlySet<Domain>): readonly (readonly [Domain, number])[] {
  return [...domains].filter((domain) => domain !== '').map((domain) => [domain, 1] as const);
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

/** GraphProto { node = 1, name = 2, initializer = 5, input = 11, output = 12, value_info = 13 } */
function writeGraph(writer: BinaryWriter, graph: PhysicalGraph, isAnnotated: boolean, isBatchOpen = false): void {
  const outputs = new Set([...graph.outputs, ...graph.updates].map((port) => port.value));
  const inputs = new Set(graph.inputs.map((port) => port.value));
  for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node));
  text(writer, 2, graph.name);
  for (const constant of graph.initialisers) message(writer, 5, () => writeTensor(writer, constant));
  for (const value of inputs) message(writer, 11, () => writeValue(writer, value, isBatchOpen));
  for (const value of outputs) message(writer, 12, () => writeValue(writer, value, isBatchOpen));
  if (!isAnnotated || isBatchOpen) return;
  const between = graph.nodes.flatMap((node) => node.outputs.filter((value) => !outputs.has(value)));
  for (const value of between) message(writer, 13, () => writeValue(writer, value, false));
}

/**
 * ValueInfoProto { name = 1, type = 2 }, TypeProto { tensor_type = 1 }, TypeProto.Tensor { elem_type = 1, shape = 2 },
 * TensorShapeProto { dim = 1 }, Dimension { dim_value = 1, dim_param = 2 }
 */
function writeValue(writer: BinaryWriter, { name, dtype, shape }: PhysicalValue, isBatchOpen: boolean): void {
  const writeDimension = (size: number, axis: number): void => {
    if (isBatchOpen && axis === 0) text(writer, 2, 'batch');
    else integer(writer, 1, size);
  };
  const writeType = (): void => {
    integer(writer, 1, typeCodes[dtype]);
    message(writer, 2, () => {
      for (const [axis, size] of shape.entries()) message(writer, 1, () => writeDimension(size, axis));
    });
  };
  text(writer, 1, name);
  message(writer, 2, () => message(writer, 1, writeType));
}

/** TensorProto { dims = 1, data_type = 2, name = 8, raw_data = 9 } */
function writeTensor(writer: BinaryWriter, { value: { name, shape, dtype }, data }: Initialiser): void {
  for (const size of shape) integer(writer, 1, size);
  integer(writer, 2, typeCodes[dtype]);
  text(writer, 8, name);
  writer.tag(9, WireType.LengthDelimited).bytes(encodeElements(dtype, data));
}

/** NodeProto { input = 1, output = 2, name = 3, op_type = 4, attribute = 5, domain = 7 } */
function writeNode(writer: BinaryWriter, { inputs, outputs, op, attrs, domain }: PhysicalNode): void {
  for (const { name } of inputs) text(writer, 1, name);
  for (const { name } of outputs) text(writer, 2, name);
  text(writer, 3, outputs[0]?.name ?? op);
  text(writer, 4, op);
  for (const [name, value] of Object.entries(attrs)) message(writer, 5, () => writeAttribute(writer, name, value));
  text(writer, 7, domain);
}

/** AttributeProto { name = 1, f = 2, i = 3, s = 4, g = 6, ints = 8, type = 20 } */
function writeAttribute(writer: BinaryWriter, name: string, value: PhysicalAttribute): void {
  text(writer, 1, name);
  integer(writer, 20, writeAttributeValue(writer, value));
}

/** Writes the field that holds a value, and gives the AttributeType that says which it is. */
function writeAttributeValue(writer: BinaryWriter, value: PhysicalAttribute): number {
  if (typeof value === 'number') {
    integer(writer, 3, value);
    return 2;
  }
  if (typeof value === 'string') {
    text(writer, 4, value);
    return 3;
  }
  if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    return 1;
  }
  if ('graph' in value) {
    message(writer, 6, () => writeGraph(writer, value.graph, false));
    return 5;
  }
  for (const number of value) integer(writer, 8, number);
  return 7;
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

/** A message within the one that is being written; `write` writes its fields. */
function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}
