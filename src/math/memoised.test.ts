import { describe, expect, it } from 'vitest';
import { memoised } from './memoised.ts';

describe('memoised()', () => {
  it('computes once for each object, whatever it holds', () => {
    const asked: object[] = [];
    const sum = memoised((terms: readonly number[]) => {
      asked.push(terms);
      return terms.reduce((a, b) => a + b, 0);
    });
    const [three, alike] = [
      [1, 2],
      [1, 2],
    ];
    expect([three, alike, three, alike].map((terms) => sum(terms ?? []))).toEqual([3, 3, 3, 3]);
    expect(asked).toEqual([three, alike]);
    expect(asked[0]).toBe(three);
  });
});
