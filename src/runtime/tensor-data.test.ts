import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumericError, ShapeError } from '../errors.ts';
import type { DType } from '../graph/tensor-type.ts';
import {
  allocate,
  inFloat64,
  inversePermutation,
  joinedInFloat64,
  logicalShapeOf,
  permute,
  requireData,
  requireFinite,
  toLogical,
  toStored,
} from './tensor-data.ts';

/** A shape, a permutation of its axes, and numbers that tell all elements apart. */
const tensors = fc
  .array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      perm: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
    }),
  )
  .map(({ shape, perm }) => ({
    shape,
    perm,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  }));

/** The place in row-major order of an element. */
function offset(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((place, size, axis) => place * size + (index[axis] as number), 0);
}

/** All indices into a shape. */
function indices(shape: readonly number[]): readonly (readonly number[])[] {
  return shape.reduce<readonly (readonly number[])[]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

describe('permute()', () => {
  it('moves element (i_0, i_1, …) to (i_perm[0], i_perm[1], …)', () => {
    fc.assert(
      fc.property(tensors, ({ shape, perm, data }) => {
        const moved = permute(data, shape, perm);
        const sizes = perm.map((axis) => shape[axis] as number);
        for (const index of indices(shape)) {
          const target = perm.map((axis) => index[axis] as number);
          expect(moved[offset(sizes, target)]).toBe(data[offset(shape, index)]);
        }
      }),
    );
  });

  it('keeps the type of the array, int64 included', () => {
    expect(permute(BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n), [2, 3], [1, 0])).toEqual(
      BigInt64Array.of(1n, 4n, 2n, 5n, 3n, 6n),
    );
  });
});

describe('inversePermutation()', () => {
  it('undoes a permutation, of axes and of data', () => {
    fc.assert(
      fc.property(tensors, ({ shape, perm, data }) => {
        const inverse = inversePermutation(perm);
        expect(inversePermutation(inverse)).toEqual(perm);
        const stored = perm.map((axis) => shape[axis] as number);
        expect(permute(permute(data, shape, perm), stored, inverse)).toEqual(data);
      }),
    );
  });
});

describe('toStored(), toLogical()', () => {
  it('are each other’s inverse, and agree with the stored and logical shape', () => {
    fc.assert(
      fc.property(tensors, ({ shape, perm, data }) => {
        const stored = perm.map((axis) => shape[axis] as number);
        expect(logicalShapeOf(stored, perm)).toEqual(shape);
        expect(toStored(data, stored, perm)).toEqual(permute(data, shape, perm));
        expect(toLogical(toStored(data, stored, perm), stored, perm)).toEqual(data);
      }),
    );
  });

  it('hand over the same array where nothing is permuted', () => {
    const data = Float32Array.of(1, 2, 3);
    expect(toStored(data, [3], undefined)).toBe(data);
    expect(toLogical(data, [3], undefined)).toBe(data);
    expect(logicalShapeOf([3], undefined)).toEqual([3]);
  });
});

describe('allocate(), requireData()', () => {
  const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'int64', 'bool'];

  it.each(dtypes)('agree on the array of %s', (dtype) => {
    expect(() => requireData('x', allocate(dtype, 6), dtype, [2, 3])).not.toThrow();
    for (const other of dtypes.filter((name) => name !== dtype)) {
      expect(() => requireData('x', allocate(other, 6), dtype, [2, 3])).toThrow(ShapeError);
    }
  });

  it('refuse another length, and say what was wanted and what came', () => {
    expect(() => requireData('images', new Float32Array(5), 'float32', [2, 3])).toThrow(
      new ShapeError("'images' must be 6 numbers in Float32Array ([2,3]), got 5 in Float32Array"),
    );
  });
});

describe('requireFinite()', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %d, and says where', (value) => {
    const data = Float32Array.of(1, 2, value, 4);
    expect(() => requireFinite('x', data)).toThrow(NumericError);
    expect(() => requireFinite('x', data)).toThrow(
      `'x' must be finite, got ${value} at index 2 of 4; check the data, or what computed it`,
    );
  });

  it('finds infinities that cancel each other', () => {
    const data = Float64Array.of(0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    expect(() => requireFinite('x', data)).toThrow("'x' must be finite, got Infinity at index 1 of 3");
  });

  it('takes finite numbers, and integers as they are', () => {
    expect(() => requireFinite('x', Float64Array.of(0, -0, 1e300))).not.toThrow();
    expect(() => requireFinite('x', Float64Array.of(1e308, 1e308))).not.toThrow();
    expect(() => requireFinite('labels', Int32Array.of(1, -2))).not.toThrow();
  });
});

describe('inFloat64()', () => {
  it('is a copy of numbers of every type', () => {
    const double = Float64Array.of(0.1, -0);
    expect(inFloat64(double)).toEqual(double);
    expect(inFloat64(double)).not.toBe(double);
    expect(inFloat64(Float32Array.of(0.1))).toEqual(Float64Array.of(Math.fround(0.1)));
    expect(inFloat64(BigInt64Array.of(7n, -(2n ** 40n)))).toEqual(Float64Array.of(7, -(2 ** 40)));
  });

  it('joins several in their order', () => {
    const joined = joinedInFloat64([Int32Array.of(1, 2), new Float32Array(), BigInt64Array.of(3n)]);
    expect(joined).toEqual(Float64Array.of(1, 2, 3));
  });
});
