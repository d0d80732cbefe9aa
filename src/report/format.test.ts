import { describe, expect, it } from 'vitest';
import { formatDuration, formatInterval, formatNumber, formatTick, withPowers } from './format.ts';

describe('formatNumber', () => {
  it('keeps three significant digits of what was measured', () => {
    expect([1.8349, 0.041249, 12.3456, 123.456, 1234.5, 0.97000001].map(formatNumber)).toEqual([
      '1.83',
      '0.0412',
      '12.3',
      '123',
      '1230',
      '0.970',
    ]);
  });

  it('leaves settings and counts as they are', () => {
    expect([0.1, 0.02, 3, 500, 15_000, 999_999].map(formatNumber)).toEqual([
      '0.1',
      '0.02',
      '3',
      '500',
      '15 000',
      '999 999',
    ]);
  });

  it('writes very large and very small numbers with a power of ten', () => {
    expect([14_728_266, 2e6, 0.00012345, 6.02214e23].map(formatNumber)).toEqual([
      '1.47×10⁷',
      '2.00×10⁶',
      '1.23×10⁻⁴',
      '6.02×10²³',
    ]);
  });

  it('rounds before it chooses the notation', () => {
    expect(formatNumber(99_999.6)).toBe('1.00×10⁵');
    expect(formatNumber(9.999)).toBe('10.0');
  });

  it('has a minus sign, a dash for NaN and a sign for infinity', () => {
    expect([-0.5678, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0].map(formatNumber)).toEqual([
      '−0.568',
      '–',
      '∞',
      '−∞',
      '0',
      '0',
    ]);
  });
});

describe('formatInterval', () => {
  it('gives mean and ends the same decimals', () => {
    expect(formatInterval({ mean: 1.8, lower: 1.4812, upper: 2.1188 })).toBe('1.80 [1.48, 2.12]');
    expect(formatInterval({ mean: 0.1301, lower: -0.00001, upper: 0.26 })).toBe('0.130 [0.000, 0.260]');
    expect(formatInterval({ mean: -12.34, lower: -20.01, upper: -4.67 })).toBe('−12.3 [−20.0, −4.7]');
  });

  it('adds decimals where the interval is narrow', () => {
    expect(formatInterval({ mean: 1.0234, lower: 1.023, upper: 1.0238 })).toBe('1.0234 [1.0230, 1.0238]');
  });

  it('falls back to powers of ten and to infinity', () => {
    expect(formatInterval({ mean: 2e6, lower: 1.5e6, upper: 2.5e6 })).toBe('2.00×10⁶ [1.50×10⁶, 2.50×10⁶]');
    expect(formatInterval({ mean: 1, lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY })).toBe(
      '1 [−∞, ∞]',
    );
  });
});

describe('withPowers', () => {
  it('writes numbers in text with powers of ten, and leaves words and file names alone', () => {
    expect(withPowers('error 6.1e-14, tolerance 1e-8; up to 2e+6.')).toBe(
      'error 6.1×10⁻¹⁴, tolerance 10⁻⁸; up to 2×10⁶.',
    );
    expect(withPowers('layer1e2x, v1.2e3.md, 0x1e5 and (a = 3e4)')).toBe('layer1e2x, v1.2e3.md, 0x1e5 and (a = 3×10⁴)');
  });
});

describe('formatTick', () => {
  it('is as short as it can be', () => {
    expect([0, 0.5, 200, 1500, 15_000, 2.5e6, -3].map((value) => formatTick(value, 'linear'))).toEqual([
      '0',
      '0.5',
      '200',
      '1500',
      '15k',
      '2.5M',
      '−3',
    ]);
  });

  it('uses powers of ten on a log axis outside three decades', () => {
    expect([0.001, 1000, 1e4, 2e6, 1e-5, 1e15].map((value) => formatTick(value, 'log'))).toEqual([
      '0.001',
      '1000',
      '10⁴',
      '2×10⁶',
      '10⁻⁵',
      '10¹⁵',
    ]);
  });
});

describe('formatDuration', () => {
  it('uses at most two units', () => {
    expect([0.42, 4.25, 38, 59.7, 432, 1200, 3599.8, 3840].map(formatDuration)).toEqual([
      '0.42 s',
      '4.3 s',
      '38 s',
      '1 min',
      '7 min 12 s',
      '20 min',
      '1 h',
      '1 h 4 min',
    ]);
  });
});
