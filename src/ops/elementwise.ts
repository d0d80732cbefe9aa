/** @file What elementwise ops have in common: type rules, the plain ONNX form, and undoing a broadcast. */

import { ShapeError } from '../errors.ts';
import { reduceSum, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { OpName } from '../graph/op-attributes.ts';
import { broadcastShapes, formatType, type Shape, sameShape, sizeAt, type TensorType } from '../graph/tensor-type.ts';
import type { OnnxContext, OpDef } from './op.ts';

/** The inputs of an op that takes exactly `count` of them. */
export function requireInputs(inputs: readonly TensorType[], count: number): void {
  if (inputs.length !== count) throw new ShapeError(`Expected ${count} inputs, got ${inputs.length}`);
}

/** The input at an index that has been counted. */
export function inputAt<T>(inputs: readonly T[], index: number): T {
  const input = inputs[index];
  if (input === undefined) throw new ShapeError(`Expected an input ${index}, got ${inputs.length} inputs`);
  return input;
}

function requireFloat(type: TensorType): void {
  if (type.dtype !== 'float32' && type.dtype !== 'float64') {
    throw new ShapeError(`Elements must be float32 or float64, got ${formatType(type)}`);
  }
}

/** Type rule of y = f(x): the type of x, which must be floating point. */
export function inferUnary(inputs: readonly TensorType[]): readonly TensorType[] {
  requireInputs(inputs, 1);
  const x = inputAt(inputs, 0);
  requireFloat(x);
  return [{ dtype: x.dtype, shape: x.shape }];
}

/** Throws unless all inputs have one floating-point element type. */
export function requireOneFloat(inputs: readonly TensorType[]): void {
  const first = inputAt(inputs, 0);
  requireFloat(first);
  const other = inputs.find(({ dtype }) => dtype !== first.dtype);
  if (other !== undefined) {
    throw new ShapeError(`Element types must be equal, got ${first.dtype} and ${other.dtype}`);
  }
}

/** Type rule of z = f(x, y) under broadcasting; both must have one floating-point type. */
export function inferBinary(inputs: readonly TensorType[]): readonly TensorType[] {
  requireInputs(inputs, 2);
  const [x, y] = [inputAt(inputs, 0), inputAt(inputs, 1)];
  requireOneFloat([x, y]);
  return [{ dtype: x.dtype, shape: broadcastShapes(x.shape, y.shape) }];
}

/** The plain form of an op that is ONNX's own and has no attributes. */
export function sameOp<K extends OpName>(op: K): OpDef<K>['onnx'] {
  return ({ b, inputs, outputs }: OnnxContext<K>) => {
    const output = inputAt(outputs, 0);
    return [b.emit(op, inputs, {}, output.shape, { dtype: output.dtype })];
  };
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

/** The single output cotangent of an op with one output; an op is only differentiated where it is given. */
export function onlyCotangent(cotangents: readonly (Value | undefined)[]): Value {
  return inputAt(cotangents as readonly Value[], 0);
}
