import { describe, expect, it } from 'vitest';
import { NumericError, SettingError } from '../errors.ts';
import { leastSquaresSlope, mean, median, quantile, standardDeviation, studentInterval } from './statistics.ts';

describe('mean(), median() and standardDeviation()', () => {
  it('give the values worked out by hand', () => {
    expect(mean([1, 2, 4.5])).toBe(2.5);
    expect(median([5, 1, 9])).toBe(5);
    expect(median(Float32Array.of(4, 1, 10, 2))).toBe(3);
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(mean([-3])).toBe(-3);
  });
});

describe('leastSquaresSlope()', () => {
  it('is that of a line through its points, and that of numpy.polyfit where they scatter', () => {
    expect(leastSquaresSlope([1, 2, 5], [7, 4, -5])).toBeCloseTo(-3, 14);
    expect(leastSquaresSlope([0, 1, 2.5, 4], [1, -1, 3, 2])).toBeCloseTo(0.5578231292517009, 14);
  });

  it('throws for a single point, a missing one, and one that is not finite', () => {
    for (const [x, y] of [
      [[1], [1]],
      [[1, 2], [1]],
      [
        [1, 2],
        [1, Number.NaN],
      ],
    ] as const) {
      expect(() => leastSquaresSlope(x, y)).toThrow(NumericError);
    }
  });
});

describe('quantile()', () => {
  it('equals numpy.quantile, whose values stand here', () => {
    const values = [15, 20, 35, 40, 50];
    expect([0, 0.05, 0.3, 0.4, 0.95, 1].map((q) => quantile(values, q))).toEqual([15, 16, 23, 29, 48, 50]);
    expect(quantile([7], 0.3)).toBe(7);
  });

  it('sorts by size, not by spelling, and leaves its argument alone', () => {
    const values = [10, 9, 100, -1];
    expect(quantile(values, 1)).toBe(100);
    expect(values).toEqual([10, 9, 100, -1]);
  });

  it('throws when q lies outside [0, 1]', () => {
    for (const q of [-0.1, 1.1, Number.NaN]) expect(() => quantile([1, 2], q)).toThrow(SettingError);
  });
});

describe('studentInterval()', () => {
  // A sample with mean 0 and s / √n = 1, so that the half width is the t quantile itself.
  function unitSample(count: number): number[] {
    const spread = Math.sqrt((count * (count - 1)) / 2);
    return [spread, -spread, ...Array.from({ length: count - 2 }, () => 0)];
  }

  // The t table, two-sided: degrees of freedom, then 95 % and 99 %.
  it.each([
    [1, 12.7062, 63.6567],
    [2, 4.30265, 9.92484],
    [4, 2.77645, 4.60409],
    [7, 2.36462, 3.49948],
    [30, 2.04227, 2.75],
  ])('has the half width of the t table for %i degrees of freedom', (df, at95, at99) => {
    const narrow = studentInterval(unitSample(df + 1));
    expect(narrow.upper / at95).toBeCloseTo(1, 5);
    expect(narrow.lower).toBe(-narrow.upper);
    expect(narrow.count).toBe(df + 1);
    expect(studentInterval(unitSample(df + 1), 0.99).upper / at99).toBeCloseTo(1, 5);
  });

  it('gives the interval worked out by hand', () => {
    const { mean: centre, lower, upper } = studentInterval([0.4, 0.5, 0.9]);
    const half = (4.302653 * Math.sqrt(0.07)) / Math.sqrt(3);
    expect(centre).toBeCloseTo(0.6, 12);
    expect(lower).toBeCloseTo(0.6 - half, 5);
    expect(upper).toBeCloseTo(0.6 + half, 5);
  });

  it('is a point when all values are equal', () => {
    expect(studentInterval([2, 2, 2])).toEqual({ mean: 2, lower: 2, upper: 2, count: 3 });
  });

  it('throws on a confidence that is no probability', () => {
    for (const confidence of [0, 1, 95]) expect(() => studentInterval([1, 2], confidence)).toThrow(SettingError);
  });
});

describe('samples that have no answer', () => {
  it.each([
    ['mean', mean],
    ['median', median],
    ['standardDeviation', standardDeviation],
    ['studentInterval', studentInterval],
  ])('%s() throws on an empty sample and on numbers that are not finite', (_, compute) => {
    expect(() => compute([])).toThrow(NumericError);
    expect(() => compute([1, Number.NaN, 3])).toThrow(/got NaN at index 1/);
    expect(() => compute([1, 2, Number.POSITIVE_INFINITY])).toThrow(NumericError);
  });

  it('standardDeviation() and studentInterval() throw on a single value', () => {
    expect(() => standardDeviation([3])).toThrow('needs at least 2 values, got 1');
    expect(() => studentInterval([3])).toThrow('needs at least 2 values, got 1');
  });
});
