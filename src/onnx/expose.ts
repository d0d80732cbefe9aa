/** @file A copy of a model that tells more: chosen values as outputs, inputs of any batch, evaluation mode throughout. */

import { clearField, create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.ts';
import { modernise } from './modernise.ts';
import { type ExternalLoader, readTensor } from './tensors.ts';

export interface Exposure {
  /** By input; undefined leaves a size open. An input of another name stays as it is. */
  readonly shapes: ReadonlyMap<string, readonly (number | undefined)[]>;
  /** Values that become outputs, in place of the model's own. */
  readonly outputs: readonly string[];
  /** Fetches numbers that the file keeps elsewhere: the copy holds them itself. */
  readonly external?: ExternalLoader | undefined;
  /** Targets of Reshape that begin with this fixed batch begin with −1, "what is left", or 0, "as it comes", instead. */
  readonly openBatch?: number | undefined;
  /** By the name of a constant of float32: what batch norms read in its place. */
  readonly statistics?: ReadonlyMap<string, Float32Array> | undefined;
  /** Initial states of recurrent ops that are left out, which means zero, since a state that is stated has a batch of its own. */
  readonly zeroStates?: ReadonlySet<string> | undefined;
  /** Whether nodes that no output needs go: they may not run in this form. */
  readonly isPruned?: boolean;
}

/** @param bytes - a whole model, as {@link readOnnx} has accepted it */
export function exposed(
  bytes: Uint8Array,
  { shapes, outputs, external, openBatch, statistics = new Map(), zeroStates = new Set(), isPruned = false }: Exposure,
): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  modernise(model);
  const { graph } = model;
  if (graph === undefined) return bytes;
  for (const input of graph.input) {
    const shape = shapes.get(input.name);
    if (shape === undefined || input.type?.value.case !== 'tensorType') continue;
    const dim = shape.map((size, axis) =>
      size === undefined
        ? { value: { case: 'dimParam' as const, value: `open${axis}` } }
        : { value: { case: 'dimValue' as const, value: BigInt(size) } },
    );
    input.type = create(TypeProtoSchema, {
      value: { case: 'tensorType', value: { elemType: input.type.value.value.elemType, shape: { dim } } },
    });
  }
  // What the file says of sizes in between holds for its own batch alone.
  graph.valueInfo = [];
  graph.output = outputs.map((name) => create(ValueInfoProtoSchema, { name }));
  if (isPruned) prune(graph, outputs);
  for (const tensor of graph.initializer) inline(tensor, external);
  for (const node of graph.node) {
    evaluate(node);
    node.input = node.input.map((name, i) => (isState(node, i) && zeroStates.has(name) ? '' : name));
  }
  replaceStatistics(graph, statistics);
  if (openBatch !== undefined) openReshapes(graph, BigInt(openBatch));
  return toBinary(ModelProtoSchema, model);
}

/** Leaves the nodes that these values need, those that bodies of branches and loops read among them. */
function prune(graph: GraphProto, names: readonly string[]): void {
  const needed = new Set(names);
  const read = ({ input, attribute }: NodeProto): void => {
    for (const name of input) needed.add(name);
    for (const { g } of attribute) for (const node of g?.node ?? []) read(node);
    for (const { g } of attribute) for (const { name } of g?.output ?? []) needed.add(name);
  };
  graph.node = graph.node
    .toReversed()
    .filter((node) => {
      const isNeeded = node.output.some((name) => needed.has(name));
      if (isNeeded) read(node);
      return isNeeded;
    })
    .reverse();
}

/** Whether operand i is an initial state. */
export function isState({ opType }: Pick<NodeProto, 'opType'>, i: number): boolean {
  return (i === 5 || i === 6) && ['LSTM', 'GRU', 'RNN'].includes(opType);
}

function inline(tensor: TensorProto, external: ExternalLoader | undefined): void {
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return;
  const { data } = readTensor(tensor, { ...(external && { external }) }) ?? {};
  if (data === undefined) return;
  tensor.rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  tensor.externalData = [];
  tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
}

/** Files that were exported in training mode normalise by the batch and drop at random: here they must not. */
function evaluate(node: NodeProto): void {
  if (node.opType === 'Dropout' && node.input.length > 2) node.input = node.input.slice(0, 2);
  if (node.opType !== 'BatchNormalization') return;
  node.attribute = node.attribute.filter(({ name }) => name !== 'training_mode');
  node.output = node.output.slice(0, 1);
}

function replaceStatistics(graph: GraphProto, statistics: ReadonlyMap<string, Float32Array>): void {
  const called = (name: string): string => `${name}/stand-in`;
  for (const { opType, input } of graph.node) {
    if (opType !== 'BatchNormalization') continue;
    for (const i of [3, 4]) if (statistics.has(input[i] ?? '')) input[i] = called(input[i] ?? '');
  }
  for (const [name, values] of statistics) {
    const dims = [BigInt(values.length)];
    graph.initializer.push(
      create(TensorProtoSchema, { name: called(name), dataType: DataType.FLOAT, dims, floatData: [...values] }),
    );
  }
}

function openReshapes(graph: GraphProto, batch: bigint): void {
  const targets = new Set(graph.node.filter(({ opType }) => opType === 'Reshape').map(({ input }) => input[1]));
  const open = (dims: readonly bigint[]): bigint[] | undefined =>
    dims.length > 1 && dims[0] === batch ? [dims.includes(-1n) ? 0n : -1n, ...dims.slice(1)] : undefined;
  for (const tensor of graph.initializer) {
    const opened = targets.has(tensor.name) ? open(integersOf(tensor)) : undefined;
    if (opened !== undefined) setIntegers(tensor, opened);
  }
  for (const node of graph.node) {
    if (node.opType !== 'Constant' || !targets.has(node.output[0])) continue;
    for (const attribute of node.attribute) {
      if (attribute.t !== undefined) {
        const opened = open(integersOf(attribute.t));
        if (opened !== undefined) setIntegers(attribute.t, opened);
      } else if (attribute.type === AttributeType.INTS) attribute.ints = open(attribute.ints) ?? attribute.ints;
    }
  }
}

function setIntegers(tensor: TensorProto, integers: bigint[]): void {
  // Even raw data without bytes counts as data.
  clearField(tensor, TensorProtoSchema.field.rawData);
  tensor.int64Data = integers;
}

/** Of an int64 tensor, in whichever form it holds them. */
function integersOf(tensor: TensorProto): readonly bigint[] {
  const { data } = readTensor(tensor, {}) ?? {};
  return data instanceof BigInt64Array ? [...data] : [];
}
