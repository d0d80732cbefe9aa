import { describe, expect, it } from 'vitest';
import { fractionBelow, medianValue, spectrumEdge } from './theory.ts';

describe('spectrumEdge()', () => {
  it.each([
    [1, 2],
    [3, 3.0792],
    [5, 3.8639],
  ])('for %i factors is %f', (factors, edge) => {
    expect(spectrumEdge(factors)).toBeCloseTo(edge, 4);
  });
});

describe('fractionBelow()', () => {
  it("is the quarter circle's for one factor", () => {
    for (const s of [0.05, 0.4, 1, 1.7]) {
      // ∫ √(4 − s²)/π ds from 0.
      const expected = ((s * Math.sqrt(4 - s * s)) / 2 + 2 * Math.asin(s / 2)) / Math.PI;
      expect(Math.abs(fractionBelow(1, s) - expected)).toBeLessThan(1e-5);
    }
  });

  it.each([1, 2, 3, 5, 8])('has the moments of Fuss and Catalan for %i factors', (factors) => {
    const edge = spectrumEdge(factors);
    const steps = 200;
    const below = Array.from({ length: steps + 1 }, (_, i) => fractionBelow(factors, (edge * i) / steps));
    const moment = (power: number): number => {
      let sum = 0;
      for (let i = 0; i < steps; i++) {
        const middle = (edge * (i + 0.5)) / steps;
        sum += middle ** (2 * power) * ((below[i + 1] ?? 0) - (below[i] ?? 0));
      }
      return sum;
    };
    // The squares have mean 1 and mean square M + 1: binomial((M + 1)k, k) / (Mk + 1) for k = 1, 2.
    expect(fractionBelow(factors, edge)).toBe(1);
    expect(moment(1)).toBeCloseTo(1, 3);
    expect(moment(2) / (factors + 1)).toBeCloseTo(1, 3);
  });

  it('is 0 below 0 and grows with s', () => {
    expect(fractionBelow(3, -1)).toBe(0);
    expect(fractionBelow(3, 0)).toBe(0);
    expect(fractionBelow(3, 0.1)).toBeGreaterThan(fractionBelow(3, 0.05));
  });
});

describe('medianValue()', () => {
  it('halves the spectrum', () => {
    for (const factors of [1, 4]) expect(fractionBelow(factors, medianValue(factors))).toBeCloseTo(0.5, 6);
  });
});
