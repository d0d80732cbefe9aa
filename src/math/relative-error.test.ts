import { describe, expect, it } from 'vitest';
import { relativeError } from './relative-error.ts';

describe('relativeError()', () => {
  it('divides the largest difference by the largest expected size', () => {
    expect(relativeError([1, -4.5, 2], [1, -4, 2.25])).toBe(0.5 / 4);
  });

  it('is the absolute error where zeros are expected', () => {
    expect(relativeError([0, 0.25], [0, 0])).toBe(0.25);
  });

  it.each([
    [undefined, [1]],
    [[1], undefined],
    [[1, 2], [1]],
    [[Number.NaN], [1]],
    [[Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY]],
  ])('is infinite for %j against %j', (actual, expected) => {
    expect(relativeError(actual, expected)).toBe(Number.POSITIVE_INFINITY);
  });
});
