import { describe, expect, it } from 'vitest';
import { euclideanNorm, innerProduct } from './inner-product.ts';

describe('innerProduct()', () => {
  it('sums the products of entries', () => {
    expect(innerProduct([1, -2, 3], Float64Array.of(4, 5, 6))).toBe(12);
    expect(innerProduct([], [])).toBe(0);
  });

  it('refuses vectors of different lengths', () => {
    expect(() => innerProduct([1, 2], [1])).toThrow('got 2 and 1 number');
  });
});

describe('euclideanNorm()', () => {
  it('is the length of the vector', () => {
    expect(euclideanNorm([3, 0, -4])).toBe(5);
  });
});
