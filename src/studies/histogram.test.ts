import { describe, expect, it } from 'vitest';
import { countBetween, evenEdges } from './histogram.ts';

describe('countBetween()', () => {
  it('counts each value once, those outside in the outermost bins', () => {
    const edges = evenEdges(-1, 1, 4);
    expect(edges).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(countBetween([-3, -0.6, -0.5, 0, 0.2, 0.99, 1, 9], edges)).toEqual([2, 1, 2, 3]);
  });
});
