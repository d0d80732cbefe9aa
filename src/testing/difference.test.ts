import { describe, expect, it } from 'vitest';
import { maxDifference } from './difference.ts';

describe('maxDifference()', () => {
  it('is the largest distance between numbers at one place', () => {
    expect(maxDifference([1, 2, 3], Float64Array.of(1, 2.5, 2.75))).toBe(0.5);
    expect(maxDifference([], [])).toBe(0);
  });

  it.each([
    [undefined, [1]],
    [[1], [1, 2]],
    [[Number.NaN], [1]],
    [[1], [Number.NaN]],
    [[Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY]],
  ])('is infinite for %j beside %j', (actual, expected) => {
    expect(maxDifference(actual, expected)).toBe(Number.POSITIVE_INFINITY);
  });
});
