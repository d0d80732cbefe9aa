/** @file Tensors as they cross the boundary of a session: typed arrays in logical layout, and stored layouts. */

import { counted } from '../counted.ts';
import { NumericError, ShapeError } from '../errors.ts';
import { logicalShape, type Perm, unsplit } from '../graph/stored-layout.ts';
import { type DType, elementCount, type FloatType, type Shape, sizeAt } from '../graph/tensor-type.ts';

/** The elements of a tensor in row-major order. */
export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor in logical layout. */
export interface NamedTensor {
  readonly shape: Shape;
  readonly data: TensorData;
}

/** Numbers as a network of this float type is fed them. */
export function floatsOf(float: FloatType, values: ArrayLike<number>): Float32Array | Float64Array {
  return float === 'float64' ? new Float64Array(values) : new Float32Array(values);
}

/** A copy of the numbers in float64: by its constructor, since `from` asks an iterator for each of them, a hundred times as slowly. */
export function inFloat64(data: TensorData): Float64Array {
  return data instanceof BigInt64Array ? Float64Array.from(data, Number) : new Float64Array(data);
}

/** The numbers of several tensors in float64, one after the other. */
export function joinedInFloat64(parts: readonly TensorData[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(inFloat64(part), at);
    at += part.length;
  }
  return joined;
}

export function allocate(dtype: DType, count: number): TensorData {
  switch (dtype) {
    case 'float32':
      return new Float32Array(count);
    case 'float64':
      return new Float64Array(count);
    case 'int32':
      return new Int32Array(count);
    case 'int64':
      return new BigInt64Array(count);
    case 'bool':
      return new Uint8Array(count);
  }
}

/** Shared memory spares sending what is fed a copy; a page of a browser that may not have it makes do without. */
export function sharedFloats<F extends FloatType>(
  float: F,
  count: number,
): F extends 'float64' ? Float64Array : Float32Array;
export function sharedFloats(float: FloatType, count: number): Float32Array | Float64Array {
  const Memory = typeof SharedArrayBuffer === 'undefined' ? ArrayBuffer : SharedArrayBuffer;
  return float === 'float64' ? new Float64Array(new Memory(8 * count)) : new Float32Array(new Memory(4 * count));
}

/** Throws unless data are of the array type and length that a tensor has. */
export function requireData(name: string, data: TensorData, dtype: DType, shape: Shape): void {
  const expected = allocate(dtype, 0);
  if (data.constructor !== expected.constructor || data.length !== elementCount(shape)) {
    throw new ShapeError(
      `'${name}' must be ${counted(elementCount(shape), 'number')} in ${expected.constructor.name} ([${shape.join(',')}]), ` +
        `got ${data.length} in ${data.constructor.name}`,
    );
  }
}

/** Throws for NaN and infinities. What a network computes may be anything; what it is fed may not. @throws {NumericError} */
export function requireFinite(name: string, data: TensorData): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  // NaN and infinities survive any sum, which takes a tenth of the time of a search; a sum can also overflow by itself.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  if (Number.isFinite(sum)) return;
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new NumericError(
    `'${name}' must be finite, got ${data[bad]} at index ${bad} of ${data.length}; check the data, or what computed it`,
  );
}

/** Axis i of the result is axis perm[i] of the source: what ONNX's Transpose does, on the host. */
export function permute<T extends TensorData>(source: T, shape: Shape, perm: readonly number[]): T {
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const sizes = perm.map((axis) => sizeAt(shape, axis));
  const steps = perm.map((axis) => sizeAt(strides, axis));
  const target = new (source.constructor as new (length: number) => T)(source.length);
  const counter = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < target.length; to++) {
    target[to] = source[from] as T[number];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const next = (counter[axis] ?? 0) + 1;
      from += steps[axis] ?? 0;
      if (next < (sizes[axis] ?? 0)) {
        counter[axis] = next;
        break;
      }
      from -= (steps[axis] ?? 0) * next;
      counter[axis] = 0;
    }
  }
  return target;
}

/** The permutation that undoes another. */
export function inversePermutation(perm: readonly number[]): readonly number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}

/** The logical shape behind a stored one. */
export function logicalShapeOf(stored: Shape, perm: Perm | undefined): Shape {
  return perm === undefined ? stored : logicalShape(stored, perm);
}

/** Logical data → the stored layout of a port. */
export function toStored(data: TensorData, stored: Shape, perm: Perm | undefined): TensorData {
  if (perm === undefined) return data;
  const order = unsplit(perm);
  const pieces = inversePermutation(order).map((axis) => sizeAt(stored, axis));
  return permute(data, pieces, order);
}

/** Stored data → logical layout. */
export function toLogical(data: TensorData, stored: Shape, perm: Perm | undefined): TensorData {
  return perm === undefined ? data : permute(data, stored, inversePermutation(unsplit(perm)));
}
