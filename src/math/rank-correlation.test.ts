import { describe, expect, it } from 'vitest';
import { NumericError } from '../errors.ts';
import { rankCorrelation } from './rank-correlation.ts';

describe('rankCorrelation()', () => {
  it('is 1 − 6 Σ d² / (n (n² − 1)) where no values are equal, d the differences of ranks', () => {
    // Ranks 1 to 5 against 2, 1, 4, 3, 5: Σ d² = 4.
    expect(rankCorrelation([1, 2, 3, 5, 80], [0.2, 0.1, 7, 6, 9])).toBeCloseTo(1 - 24 / 120, 12);
  });

  it('sees the order alone: 1 where one list rises with the other, −1 where it falls', () => {
    expect(rankCorrelation([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 3, 4], [0, -1, -50, -51])).toBeCloseTo(-1, 12);
  });

  it('gives equal values the mean of their ranks', () => {
    // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / √(4.5 · 5).
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
  });

  it.each([
    [[1], [1]],
    [
      [1, 2],
      [1, 2, 3],
    ],
    [
      [1, 1],
      [1, 2],
    ],
    [
      [1, Number.NaN],
      [1, 2],
    ],
  ])('refuses %j with %j, of which there is none', (x, y) => {
    expect(() => rankCorrelation(x, y)).toThrow(NumericError);
  });
});
