import { describe, expect, it } from 'vitest';
import { fasterHalf, withoutTracing } from './trace.ts';

describe('withoutTracing', () => {
  const traced = { nodeSeconds: new Map(Object.entries({ a: 10, b: 6, c: 1 })), aroundSeconds: 3 };
  const parts = (total: number): unknown => {
    const { nodeSeconds, aroundSeconds } = withoutTracing(traced, 2, total);
    return { ...Object.fromEntries(nodeSeconds), aroundSeconds };
  };

  it('takes the same from each node, and nothing from nothing', () => {
    expect(parts(100)).toEqual({ a: 8, b: 4, c: 0, aroundSeconds: 3 });
  });

  it('speeds all parts up alike where they would add up to more than the step', () => {
    expect(parts(10)).toEqual({ a: 16 / 3, b: 8 / 3, c: 0, aroundSeconds: 2 });
  });
});

describe('fasterHalf', () => {
  it('leaves out what was disturbed, but never everything', () => {
    const self = (value: number): number => value;
    expect(fasterHalf([5, 2, 9, 3], self)).toEqual([2, 3]);
    expect(fasterHalf([7, 4, 5], self)).toEqual([4, 5]);
    expect(fasterHalf([7], self)).toEqual([7]);
  });
});
