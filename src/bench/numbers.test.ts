import { expect, it } from 'vitest';
import { millisecondsText, ratioText } from './numbers.ts';

it('times have three digits', () => {
  expect(millisecondsText({ median: 0.0012345, lower: 0.0099, upper: 0.09996, count: 3 })).toBe('1.23 (9.90–100)');
});

it('ratios have two decimals', () => {
  expect(ratioText({ median: 1.055, lower: 0.999, upper: 12.3456, count: 3 })).toBe('1.05 (1.00–12.35)');
});
