/** @file What elementwise ops have in common: type rules, the plain ONNX form, and undoing a broadcast. */

import { ShapeError } from '../errors.ts';
import { reduceSum, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { OpName } from '../graph/op-attributes.ts';
import type { PhysicalValue } from '../graph/physical.ts';
import { broadcastShapes, formatType, type Shape, sameShape, sizeAt, type TensorType } from '../graph/tensor-type.ts';
import type { OnnxContext } from './op.ts';

function requireFloat(type: TensorType): void {
  if (type.dtype !== 'float32' && type.dtype !== 'float64') {
    throw new ShapeError(`Elements must be float32 or float64, got ${formatType(type)}`);
  }
}

/** Type rule of y = f(x): the type of x, which must be floating point. */
export function inferUnary([x]: readonly [TensorType]): readonly [TensorType] {
  requireFloat(x);
  return [{ dtype: x.dtype, shape: x.shape }];
}

/** Throws unless all inputs have one floating-point element type. */
export function requireOneFloat([first, ...others]: readonly [TensorType, ...TensorType[]]): void {
  requireFloat(first);
  const other = others.find(({ dtype }) => dtype !== first.dtype);
  if (other !== undefined) {
    throw new ShapeError(`Element types must be equal, got ${first.dtype} and ${other.dtype}`);
  }
}

/** Type rule of z = f(x, y) under broadcasting; both must have one floating-point type. */
export function inferBinary([x, y]: readonly [TensorType, TensorType]): readonly [TensorType] {
  requireOneFloat([x, y]);
  return [{ dtype: x.dtype, shape: broadcastShapes(x.shape, y.shape) }];
}

/** The plain form of an op that is ONNX's own and has no attributes. */
export function sameOp<K extends OpName>(op: K): (context: OnnxContext<K>) => readonly [PhysicalValue] {
  return ({ b, inputs, outputs: [{ shape, dtype }] }) => [b.emit(op, inputs, {}, shape, { dtype })];
}

/** Sums the gradient of a broadcast result back to the shape of the operand: the adjoint of broadcasting. */
export function unbroadcast(g: GraphBuilder, gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const lead = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, axis) =>
    axis < lead || (sizeAt(shape, axis - lead) === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(g, reduceSum(g, gradient, axes), shape);
}
