import { describe, expect, it } from 'vitest';
import { format3, formatInterval3 } from './number-text.ts';

describe('format3()', () => {
  it.each([
    [0, '0'],
    [1.23456, '1.23'],
    [-0.056789, '-0.0568'],
    [99_949, '99900'],
    [123_456, '1.23e+5'],
    [0.00123, '0.00123'],
    [0.000999, '9.99e-4'],
    [2, '2'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('writes %d as %s', (value, text) => {
    expect(format3(value)).toBe(text);
  });
});

describe('formatInterval3()', () => {
  it('writes mean and ends', () => {
    expect(formatInterval3({ mean: 1.8049, lower: 1.4951, upper: 2.2, count: 3 })).toBe('1.8 [1.5, 2.2]');
  });
});
