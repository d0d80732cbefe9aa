import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import {
  broadcastShapes,
  elementCount,
  formatType,
  fourSizes,
  normaliseAxes,
  type Shape,
  sizeAt,
} from './tensor-type.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

/** The rule as ONNX words it: write ones in front of the shorter shape, then compare axis by axis. */
function broadcastNaively(a: Shape, b: Shape): Shape | undefined {
  const [x, y] = [[...a], [...b]];
  while (x.length < y.length) x.unshift(1);
  while (y.length < x.length) y.unshift(1);
  const result: number[] = [];
  for (const [axis, size] of x.entries()) {
    const other = y[axis] as number;
    if (size !== other && Math.min(size, other) !== 1) return undefined;
    result.push(Math.max(size, other));
  }
  return result;
}

function broadcastOrUndefined(a: Shape, b: Shape): Shape | undefined {
  try {
    return broadcastShapes(a, b);
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

describe('broadcastShapes()', () => {
  it('is the definition, and refuses exactly what the definition refuses', () => {
    fc.assert(
      fc.property(shapes, shapes, (a, b) => {
        expect(broadcastOrUndefined(a, b)).toEqual(broadcastNaively(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('is commutative, idempotent, and leaves a shape beside a scalar as it is', () => {
    fc.assert(
      fc.property(shapes, shapes, (a, b) => {
        expect(broadcastOrUndefined(a, b)).toEqual(broadcastOrUndefined(b, a));
        expect(broadcastShapes(a, a)).toEqual(a);
        expect(broadcastShapes([], a)).toEqual(a);
      }),
    );
  });

  it('names both shapes and the axis where they differ', () => {
    expect(() => broadcastShapes([3, 5, 4], [2, 4])).toThrow(
      new ShapeError('Shapes must broadcast, got [3,5,4] and [2,4], which differ at axis 1'),
    );
  });
});

describe('normaliseAxes()', () => {
  it('counts from the front, sorts, and keeps each axis once', () => {
    expect(normaliseAxes([-1, 0, 3, -4], 4)).toEqual([0, 3]);
    expect(normaliseAxes([], 0)).toEqual([]);
  });

  it.each([2, -3, 0.5, Number.NaN])('refuses axis %d of a matrix', (axis) => {
    expect(() => normaliseAxes([axis], 2)).toThrow(new ShapeError(`Axes must lie in [-2, 1], got ${axis}`));
  });
});

describe('sizeAt()', () => {
  it('gives the size, and refuses an axis that does not exist', () => {
    expect(sizeAt([3, 5], 1)).toBe(5);
    expect(() => sizeAt([3, 5], 2)).toThrow(new ShapeError('Axis must exist, got axis 2 of [3,5]'));
  });
});

describe('fourSizes()', () => {
  it('gives the sizes of four axes, and refuses any other number of them', () => {
    expect(fourSizes([3, 5, 4, 2])).toEqual([3, 5, 4, 2]);
    expect(() => fourSizes([3, 5, 4])).toThrow(new ShapeError('There must be four axes, got [3,5,4]'));
    expect(() => fourSizes([3, 5, 4, 2, 1])).toThrow(ShapeError);
  });
});

describe('elementCount(), formatType()', () => {
  it('count and print a scalar as they do a tensor', () => {
    expect([elementCount([]), elementCount([3, 5, 2])]).toEqual([1, 30]);
    expect(formatType({ dtype: 'int32', shape: [] })).toBe('int32[]');
    expect(formatType({ dtype: 'float64', shape: [3, 5] })).toBe('float64[3,5]');
  });
});
