import { describe, expect, it } from 'vitest';
import { dullProbe, type MadeUpProbe, madeUpSeries } from '../../../test/made-up-cells.ts';
import { type Effect, effects, type Reading } from './effects.ts';
import type { ProbePoint } from './series.ts';

/** 21 probes whose quantity runs through scale · (1 … 21): mean 11, median 11, 95th percentile 20 times the scale. */
function ramp(quantity: keyof MadeUpProbe, scale: number): readonly ProbePoint[] {
  const probe = (step: number): MadeUpProbe => ({ ...dullProbe, [quantity]: scale * (1 + step / 10) });
  return madeUpSeries({ steps: 201, probe }).points;
}
const effect = (name: Effect['name']): Effect => {
  const found = effects.find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`There must be an effect '${name}'`);
  return found;
};

const only = (name: Effect['name']): Reading => effect(name).readings[0] as Reading;

describe('effects', () => {
  it('(a) is the log ratio of the mean ranges, and the difference of the means of ln(max L / min L)', () => {
    const [range, width] = effect('a').readings as [Reading, Reading];
    // The lowest loss of a made-up ray is 1, its highest e to the power of its width: ranges of 1 and 0.5 everywhere.
    const constant = (by: number) =>
      madeUpSeries({ steps: 51, probe: () => ({ ...dullProbe, logRange: Math.log(by) }) });
    const ranges = { standard: constant(2).points, batch: constant(1.5).points };
    expect(range.of(ranges)).toBeCloseTo(Math.log(2), 12);
    expect(range.arm(ranges.standard)).toBeCloseTo(1, 12);
    const comparison = { standard: ramp('logRange', 0.1), batch: ramp('logRange', 0.02) };
    expect(width.of(comparison)).toBeCloseTo(11 * 0.1 - 11 * 0.02, 12);
    expect(width.arm(comparison.standard)).toBeCloseTo(1.1, 12);
    expect(effect('a').margin).toBe(0.1);
  });

  it.each([
    ['b', 'change'],
    ['c', 'beta'],
  ] as const)('(%s) is the log ratio of the 95th percentiles, interpolated linearly, of %s', (name, quantity) => {
    const comparison = { standard: ramp(quantity, 3), batch: ramp(quantity, 0.5) };
    expect(only(name).of(comparison)).toBeCloseTo(Math.log(6), 12);
    expect(only(name).arm(comparison.standard)).toBeCloseTo(60, 12);
    expect(effect(name).beside?.arm(comparison.standard)).toBeCloseTo(33, 12);
    expect(effect(name).margin).toBe(Math.log(1.5));
    // Between the 19th and the 20th of 20: 19.05.
    expect(only(name).arm(ramp(quantity, 1).slice(0, 20))).toBeCloseTo(19.05, 12);
  });

  it('are each turned so that the claim is positive, and are 0 for equal arms', () => {
    for (const [name, quantity] of [
      ['a', 'logRange'],
      ['b', 'change'],
      ['c', 'beta'],
    ] as const) {
      const [rough, smooth] = [ramp(quantity, 0.2), ramp(quantity, 0.1)];
      expect(only(name).of({ standard: rough, batch: smooth })).toBeGreaterThan(0);
      expect(only(name).of({ standard: smooth, batch: rough })).toBeLessThan(0);
      expect(only(name).of({ standard: rough, batch: rough })).toBe(0);
    }
  });
});
