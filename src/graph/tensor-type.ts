/** @file Element types and shapes: the whole vocabulary in which operations state what they take and give. */

import { ShapeError } from '../errors.ts';

/** Element types that graphs use. Labels are int32; int64 appears only where ONNX demands it. */
export type DType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool';

/** ONNX's numbers for them (TensorProto.DataType). */
export const typeCodes: Readonly<Record<DType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 };

/** The two types in which a network can be built: float32 to train, float64 for identities. */
export type FloatType = 'float32' | 'float64';

/** Static sizes, outermost first. A scalar is `[]`. */
export type Shape = readonly number[];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Number of elements; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `float32[128,3,32,32]`, as graphs are printed and errors name types. */
export function formatType(type: TensorType): string {
  return `${type.dtype}[${type.shape.join(',')}]`;
}

/** Numbers as text that tells any two lists apart, 0 and −0 included. */
export function formatNumbers(data: readonly number[]): string {
  return data.map((number) => (Object.is(number, -0) ? '-0' : String(number))).join(' ');
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Throws unless each size is a positive integer. @throws {ShapeError} */
export function requireSizes(shape: Shape): void {
  if (shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new ShapeError(`Sizes must be positive integers, got [${shape.join(',')}]`);
  }
}

/** Size along an axis that the caller knows to exist. */
export function sizeAt(shape: Shape, axis: number): number {
  const size = shape[axis];
  if (size === undefined) throw new ShapeError(`Axis must exist, got axis ${axis} of [${shape.join(',')}]`);
  return size;
}

/** The sizes of images [N, C, H, W], weights [K, C, R, S] and the like. @throws {ShapeError} for another rank than 4. */
export function fourSizes(shape: Shape): readonly [number, number, number, number] {
  if (shape.length !== 4) throw new ShapeError(`There must be four axes, got [${shape.join(',')}]`);
  return [sizeAt(shape, 0), sizeAt(shape, 1), sizeAt(shape, 2), sizeAt(shape, 3)];
}

/**
 * The shape of an elementwise result under ONNX (NumPy) broadcasting: aligned at the last axis, sizes equal or 1.
 * @throws {ShapeError} where two sizes differ and neither is 1.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - (rank - a.length)] ?? 1;
    const sizeB = b[axis - (rank - b.length)] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new ShapeError(
        `Shapes must broadcast, got [${a.join(',')}] and [${b.join(',')}], which differ at axis ${axis}`,
      );
    }
    return sizeA === 1 ? sizeB : sizeA;
  });
}

/** An axis counted from the front. @throws {ShapeError} for an axis outside the rank. */
export function normaliseAxis(axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || counted < 0 || counted >= rank) {
    throw new ShapeError(`Axes must lie in [${-rank}, ${rank - 1}], got ${axis}`);
  }
  return counted;
}

/** Axes counted from the front, sorted, each once. @throws {ShapeError} for an axis outside the rank. */
export function normaliseAxes(axes: readonly number[], rank: number): readonly number[] {
  const positive = axes.map((axis) => normaliseAxis(axis, rank));
  return [...new Set(positive)].sort((a, b) => a - b);
}
