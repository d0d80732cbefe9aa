/** @file What the reductions share: a type rule, a plain form, and spreading a gradient back over the axes. */

import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { OpAttributes } from '../graph/op-attributes.ts';
import type { PhysicalValue } from '../graph/physical.ts';
import { normaliseAxes, type Shape, sizeAt, type TensorType } from '../graph/tensor-type.ts';
import { reshape } from '../graph/arithmetic.ts';
import { inferUnary } from './elementwise.ts';
import type { OnnxContext } from './op.ts';

type ReduceName = 'ReduceSum' | 'ReduceMean' | 'ReduceMax';

export function inferReduce(inputs: readonly [TensorType], attrs: OpAttributes[ReduceName]): readonly [TensorType] {
  const [{ dtype, shape }] = inferUnary(inputs);
  const axes = normaliseAxes(attrs.axes, shape.length);
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return [{ dtype, shape: attrs.keepdims ? kept : kept.filter((_, axis) => !axes.includes(axis)) }];
}

/** A reduced value, such as the gradient of a sum, repeated along the reduced axes. */
export function spread(g: GraphBuilder, dy: Value, shape: Shape, axes: readonly number[]): Value {
  const reduced = normaliseAxes(axes, shape.length);
  const kept = shape.map((size, axis) => (reduced.includes(axis) ? 1 : size));
  return g.emit('Expand', [reshape(g, dy, kept)], { shape });
}

/** How many elements each result pools. */
export function pooledCount(shape: Shape, axes: readonly number[]): number {
  return normaliseAxes(axes, shape.length).reduce((count, axis) => count * sizeAt(shape, axis), 1);
}

export function onnxReduce<K extends ReduceName>(op: K): (context: OnnxContext<K>) => readonly [PhysicalValue] {
  return ({ b, inputs: [x], attrs: { axes, keepdims }, outputs: [{ shape }] }) => [
    b.emit(op, [x, b.ints(axes)], { keepdims: keepdims ? 1 : 0 }, shape),
  ];
}
