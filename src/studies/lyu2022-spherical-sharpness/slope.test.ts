import { describe, expect, it } from 'vitest';
import { arrivalStep, logSlope } from './slope.ts';

const series = (...y: readonly number[]) => ({ x: y.map((_, i) => 50 * i), y });

describe('arrivalStep()', () => {
  const edge = { arrival: 0.95, high: 1.3 };

  it('is where a rising curvature comes to the edge', () => {
    expect(arrivalStep(series(0.2, 0.9, 0.96, 0.8, 1.1), edge)).toBe(100);
    expect(arrivalStep(series(0.2, 0.9, 1.4), edge)).toBe(100);
  });

  it('is not where a training begins far beyond it, but where it comes back', () => {
    expect(arrivalStep(series(7, 3, 0.5, 0.7, 1), edge)).toBe(200);
    expect(arrivalStep(series(7, 3, 1.2, 0.7, 1), edge)).toBe(100);
  });

  it('is none where it does not come', () => {
    expect(arrivalStep(series(0.2, 0.3), edge)).toBeNaN();
    expect(arrivalStep(series(7, 3, 0.5), edge)).toBeNaN();
    expect(arrivalStep(series(7, 3), edge)).toBeNaN();
  });
});

describe('logSlope()', () => {
  it('is the rate of an exponential, per 1000 steps, whatever came before', () => {
    const decay = { x: [0, 100, 300, 400], y: [5, 1, Math.exp(-0.4), Math.exp(-0.6)] };
    expect(logSlope(decay, 100, 3)).toBeCloseTo(-2, 12);
  });

  it('is no number where too little is left, or what is left has no logarithm', () => {
    expect(logSlope(series(1, 2, 3), 50, 3)).toBeNaN();
    expect(logSlope(series(1, 2, 3), Number.NaN, 2)).toBeNaN();
    expect(logSlope(series(1, -2, 3), 0, 3)).toBeNaN();
    expect(logSlope(series(1, Number.NaN, 3), 0, 3)).toBeNaN();
  });
});
