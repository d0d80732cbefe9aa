/**
 * @file The lowering for ONNX Runtime's WebGPU provider: the reference lowering, with other forms for what the provider would
 * leave to the processor, since each such node waits for the GPU and brings its operands back. Float32. On a processor it computes
 * the same, which is how it is tested where there is no GPU.
 */

import { UnsupportedOpError } from '../errors.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import type { PhysicalBuilder, PhysicalGraph, PhysicalValue } from '../graph/physical.ts';
import { type DType, normaliseAxis, type Shape, sizeAt, typeCodes } from '../graph/tensor-type.ts';
import { convInputGradByTaps } from '../ops/conv-input-grad.ts';
import { areTiles } from '../ops/pooling.ts';
import { lowerReference } from './reference.ts';
import { referenceForm } from './reference-form.ts';

/** @throws {UnsupportedOpError} for a graph in float64, or one that goes back through windows of a pool that share pixels. */
export function lowerWebgpu(graph: Graph): PhysicalGraph {
  if (graph.float === 'float64') {
    throw new UnsupportedOpError(
      `WebGPU computes in float32, got '${graph.name}' in float64; use lowering 'reference', on the processor`,
    );
  }
  const places = castPlaces(graph);
  return lowerReference(graph, (b, node, operands) => {
    const [x, y] = operands;
    if (x === undefined) return referenceForm(b, node, operands);
    if (isOp(node, 'LogSoftmax')) return [logSoftmax(b, x, node.attrs.axis)];
    if (isOp(node, 'ArgMax') && places.has(node.outputs[0])) {
      return [placeOfMaximum(b, x, node.attrs.axis, node.outputs[0].shape)];
    }
    // What is of that type by now needs no node: places above are.
    if (isOp(node, 'Cast') && x.dtype === node.attrs.to) return [x];
    // The provider's ConvTranspose gives wrong numbers where it has groups and dilations.
    if (isOp(node, 'ConvInputGrad') && y !== undefined && (node.attrs.group ?? 1) > 1) {
      return [convInputGradByTaps(b, x, y, node.attrs)];
    }
    if (isOp(node, 'MaxPoolGrad') || isOp(node, 'MaxPoolSelect')) requireTiles(graph, node);
    return referenceForm(b, node, operands);
  });
}

/** The provider's MaxPool does not say where the maxima are. @throws {UnsupportedOpError} for windows that share pixels. */
function requireTiles({ name }: Graph, { attrs }: Node<'MaxPoolGrad' | 'MaxPoolSelect'>): void {
  if (areTiles(attrs)) return;
  const { kernel, strides } = attrs;
  throw new UnsupportedOpError(
    `WebGPU goes back through pools of windows side by side, got ${kernel.join(' × ')} by strides of ${strides.join(' × ')} in '${name}'; train it on the processor`,
  );
}

/** y = x − max x − ln Σ exp(x − max x), along one axis: the provider has no LogSoftmax. */
function logSoftmax(b: PhysicalBuilder, x: PhysicalValue, axis: number): PhysicalValue {
  const kept = keptShape(x, axis);
  const reduce = (op: string, value: PhysicalValue): PhysicalValue =>
    b.emit(op, [value, b.ints([normaliseAxis(axis, x.shape.length)])], { keepdims: 1 }, kept);
  const below = b.emit('Sub', [x, reduce('ReduceMax', x)], {}, x.shape);
  const sum = reduce('ReduceSum', b.emit('Exp', [below], {}, x.shape));
  return b.emit('Sub', [below, b.emit('Log', [sum], {}, kept)], {}, x.shape);
}

/**
 * The index of the first maximum as int32: the provider's own ArgMax gives int64, and it has no Cast from there. Of the places
 * counted from the end, 0 where x is below its maximum, the largest is that of the first maximum.
 */
function placeOfMaximum(b: PhysicalBuilder, x: PhysicalValue, axis: number, shape: Shape): PhysicalValue {
  const along = normaliseAxis(axis, x.shape.length);
  const count = sizeAt(x.shape, along);
  const axes = b.ints([along]);
  const top = b.emit('ReduceMax', [x, axes], { keepdims: 1 }, keptShape(x, axis));
  const isTop = b.emit('Equal', [x, top], {}, x.shape, { dtype: 'bool' });
  const fromEnd = b.constant(
    Array.from({ length: count }, (_, i) => count - 1 - i),
    x.shape.map((size, i) => (i === along ? size : 1)),
    x.dtype,
  );
  const places = b.emit('Where', [isTop, fromEnd, b.constant([0], [], x.dtype)], {}, x.shape, { dtype: x.dtype });
  const last = b.emit('ReduceMax', [places, axes], { keepdims: 0 }, shape);
  const first = b.emit('Sub', [b.constant([count - 1], [], x.dtype), last], {}, shape);
  return b.emit('Cast', [first], { to: typeCodes.int32 }, shape, { dtype: 'int32' });
}

/** Places of maxima that nothing reads but casts to other types: they need not be int64. */
function castPlaces({ nodes, outputs, updates }: Graph): ReadonlySet<Value> {
  const places = new Set<Value>(nodes.flatMap((node) => (isOp(node, 'ArgMax') ? node.outputs : [])));
  for (const node of nodes) {
    if (isOp(node, 'Cast') && !isWide(node.attrs.to)) continue;
    for (const input of node.inputs) places.delete(input);
  }
  for (const { value } of outputs) places.delete(value);
  for (const { next } of updates) places.delete(next);
  return places;
}

function isWide(dtype: DType): boolean {
  return dtype === 'int64' || dtype === 'float64';
}

function keptShape({ shape }: PhysicalValue, axis: number): Shape {
  return shape.with(normaliseAxis(axis, shape.length), 1);
}

function isOp<K extends Node['op']>(node: Node, op: K): node is Node<K> {
  return node.op === op;
}
