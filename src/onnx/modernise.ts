/**
 * @file Models of opsets 1 to 6, which ONNX Runtime has no kernels for, as models of opset 7. What changed with it: operands are
 * broadcast from the back, where nodes of before say from which axis on; and attributes of caches and modes went.
 */

import { create } from '@bufbuild/protobuf';
import { UnsupportedOpError } from '../errors.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
} from './generated/onnx_pb.ts';
import { ranksOf } from './ranks.ts';
import { shown } from './shown.ts';

/** What a model of before becomes. */
const MODERN = 7n;
/** Before this, the ops below were others than they have been since. */
const FIXED = 6n;
const CHANGED_BEFORE = new Set(['Cast', 'Concat', 'GRU', 'LpPool', 'Pad', 'Reshape', 'Selu', 'Split', 'Tile', 'TopK']);
const BROADCAST = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Greater', 'Less', 'Equal']);
/** Attributes of opset 6 and before that opset 7 knows no more. */
const GONE = new Set(['broadcast', 'axis', 'consumed_inputs', 'is_test', 'output_sequence']);
const LOSES: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  [...BROADCAST, 'Gemm', 'BatchNormalization', 'Dropout', 'RNN', 'LSTM', 'GRU'].map((op) => [op, GONE]),
);

/**
 * Rewrites a model of opset 6 or before in place; others stay as they are.
 * @throws {UnsupportedOpError} where it holds what is not known of those days
 */
export function modernise(model: ModelProto): void {
  const own = model.opsetImport.filter(({ domain }) => domain === '' || domain === 'ai.onnx');
  const [opset] = own;
  if (model.graph === undefined || opset === undefined || opset.version >= MODERN || opset.version < 1n) return;
  if (opset.version < FIXED) requireUnchanged(model.graph, opset.version);
  moderniseGraph(model.graph, new Map());
  for (const entry of own) entry.version = MODERN;
}

function requireUnchanged(graph: GraphProto, version: bigint): void {
  const changed = graph.node.find(({ opType }) => CHANGED_BEFORE.has(opType));
  if (changed === undefined) return;
  throw new UnsupportedOpError(
    `${shown(changed.opType)} of opset ${version} is not known; convert the model: onnx.version_converter.convert_version(model, 13)`,
  );
}

function moderniseGraph(graph: GraphProto, outer: ReadonlyMap<string, number>): void {
  const ranks = ranksOf(graph, outer);
  graph.node = graph.node.flatMap((node, i) => {
    for (const { g } of node.attribute) if (g !== undefined) moderniseGraph(g, ranks);
    const before = operandBefore(node, ranks, i);
    const lost = LOSES.get(node.opType);
    node.attribute = node.attribute.filter(({ name }) => name !== 'consumed_inputs' && lost?.has(name) !== true);
    if (node.opType === 'Upsample') scaleAsList(node);
    return before === undefined ? [node] : [before, node];
  });
}

/** The node that gives the second operand the trailing axes of size 1 that it has from now on, if it takes some. */
function operandBefore(node: NodeProto, ranks: ReadonlyMap<string, number>, i: number): NodeProto | undefined {
  const [first = '', second = ''] = node.input;
  const [whole, part] = [ranks.get(first), ranks.get(second)];
  const stated = node.attribute.find(({ name }) => name === 'axis')?.i;
  const isSlope = node.opType === 'PRelu' && part === 1;
  if (!isSlope && !(BROADCAST.has(node.opType) && stated !== undefined)) return undefined;
  if (whole === undefined || part === undefined) {
    throw new UnsupportedOpError(
      `${shown(node.opType)} '${shown(node.name || (node.output[0] ?? ''))}' of opset 6 broadcasts along an axis of a value whose number of axes is not known; ` +
        'convert the model: onnx.version_converter.convert_version(model, 13)',
    );
  }
  const axis = Number(stated ?? (isSlope ? Math.min(1, whole - 1) : 0));
  const from = axis < 0 ? axis + whole : axis;
  const behind = whole - from - part;
  // What lies outside is for ONNX Runtime to refuse.
  if (from < 0 || behind <= 0) return undefined;
  const name = `${second}/widened${i}`;
  node.input[1] = name;
  const axes = Array.from({ length: behind }, (_, k) => BigInt(part + k));
  return create(NodeProtoSchema, {
    opType: 'Unsqueeze',
    input: [second],
    output: [name],
    attribute: [create(AttributeProtoSchema, { name: 'axes', type: AttributeType.INTS, ints: axes })],
  });
}

/** `height_scale` and `width_scale` as `scales` of [N, C, H, W]. */
function scaleAsList(node: NodeProto): void {
  const of = (name: string): number | undefined => node.attribute.find((attribute) => attribute.name === name)?.f;
  const [height, width] = [of('height_scale'), of('width_scale')];
  if (height === undefined || width === undefined) return;
  node.attribute = node.attribute.filter(({ name }) => !name.endsWith('_scale'));
  node.attribute.push(
    create(AttributeProtoSchema, { name: 'scales', type: AttributeType.FLOATS, floats: [1, 1, height, width] }),
  );
}
