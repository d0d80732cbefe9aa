import { describe, expect, it } from 'vitest';
import { makeScale } from './scale.ts';

describe('makeScale', () => {
  it('rounds a linear domain outwards to ticks, and to 0 where that is near', () => {
    const scale = makeScale('linear', [0.4, 3.7, Number.NaN, Number.POSITIVE_INFINITY], [200, 0], 'outwards');
    expect(scale.domain).toEqual([0, 4]);
    expect(scale.ticks).toEqual([0, 1, 2, 3, 4]);
    expect([0, 1, 4].map((value) => scale.at(value))).toEqual([200, 150, 0]);
  });

  it('keeps away from 0 where the values are far from it', () => {
    expect(makeScale('linear', [96.3, 99.1], [200, 0], 'outwards').domain).toEqual([96, 100]);
  });

  it('has ticks without rounding noise', () => {
    expect(makeScale('linear', [0, 0.5], [0, 300], 'none').ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it('places powers of ten evenly on a log axis', () => {
    const scale = makeScale('log', [1, 1000], [0, 300], 'none');
    expect([1, 10, 100, 1000].map((value) => Math.round(scale.at(value)))).toEqual([0, 100, 200, 300]);
  });

  it('has 2 and 5 between powers of ten where labels fit: side by side they take more room', () => {
    const ticks = (decades: number, range: readonly [number, number]) =>
      makeScale('log', [1, 10 ** decades], range, 'none').ticks.length;
    expect([ticks(3, [300, 0]), ticks(3, [0, 300]), ticks(3, [0, 600])]).toEqual([10, 4, 10]);
  });

  it('ignores what a log axis cannot show, and clamps it to the low end', () => {
    const scale = makeScale('log', [0, -3, 0.1, 1e6, Number.NaN], [300, 0], 'outwards');
    expect(scale.domain[0]).toBeGreaterThan(0.03);
    expect(scale.at(0)).toBe(300);
    expect(scale.at(Number.POSITIVE_INFINITY)).toBe(0);
    expect(scale.at(Number.NaN)).toBeNaN();
  });

  it('thins the ticks of many decades', () => {
    const { ticks } = makeScale('log', [1e-3, 1e16], [200, 0], 'outwards');
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(7);
  });

  it('shows at least a decade', () => {
    const [low, high] = makeScale('log', [2, 2], [200, 0], 'outwards').domain;
    expect(high / low).toBeCloseTo(10);
  });

  it.each(['linear', 'log'] as const)('has a domain without values, and for one value (%s)', (type) => {
    for (const values of [[], [Number.NaN], [0], [7], [-7]]) {
      const scale = makeScale(type, values, [0, 100], 'outwards');
      expect(scale.domain[0]).toBeLessThan(scale.domain[1]);
      for (const value of values) expect(scale.at(value) >= 0 || Number.isNaN(value)).toBe(true);
    }
  });
});
