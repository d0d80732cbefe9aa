import { describe, expect, it } from 'vitest';
import { type SeedRanges, centreOf, medianOf, pointsOf, thinCurve, thinRanges } from './points.ts';

const seedOf = (x: readonly number[], y: readonly number[]): SeedRanges => ({ seed: 1, points: pointsOf(x, y, y) });

const point = (x: number, low: number, high = low): { x: number; low: number; high: number } => ({ x, low, high });

describe('medianOf', () => {
  it('covers the steps that all seeds share, with a gap where one is not finite', () => {
    const seeds = [
      seedOf([0, 1, 2, 3], [1, 5, 9, 2]),
      seedOf([0, 1, 2], [2, Number.NaN, 8]),
      seedOf([0, 1, 2, 3], [7, 6, 1, 2]),
    ];
    expect(medianOf(seeds)).toEqual([point(0, 2), point(1, Number.NaN), point(2, 8)]);
  });
});

describe('centreOf', () => {
  it('is the lone seed while its points can be told apart, else the median of each bin', () => {
    const seeds = [seedOf([0, 1, 2, 3, 4, 5], [1, 9, 2, 8, 3, 30])];
    const pairs = (at: number): number => Math.floor(at / 3);
    expect(centreOf(seeds, pairs, 6)).toHaveLength(6);
    expect(centreOf(seeds, pairs, 2)).toEqual([point(1, 2), point(4, 8)]);
  });
});

describe('thinning', () => {
  const binOf = (x: number): number => Math.floor(x / 10);

  it('keeps the extremes of every bin of a band', () => {
    const points = [point(0, 1, 2), point(3, 0, 5), point(9, 1, 1), point(12, 7, 8)];
    expect(thinRanges(points, binOf)).toEqual([point(0, 0, 5), point(12, 7, 8)]);
  });

  it('keeps infinities and gaps of a band', () => {
    const points = [point(0, 1, Number.POSITIVE_INFINITY), point(1, 1, 2), point(11, Number.NaN), point(12, 1)];
    expect(thinRanges(points, binOf)).toEqual([point(0, 1, Number.POSITIVE_INFINITY), point(11, Number.NaN)]);
  });

  it('keeps the lowest and highest point of every bin of a curve, in their order', () => {
    const points = [5, 9, 1, 4, 7].map((y, x) => point(x, y));
    expect(thinCurve(points, binOf)).toEqual([point(1, 9), point(2, 1)]);
  });

  it('leaves few points alone', () => {
    const points = [point(0, 3), point(10, 3), point(20, 3), point(21, 4)];
    expect(thinCurve(points, binOf)).toEqual(points);
  });
});
