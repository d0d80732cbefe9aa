import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../records/record.ts';
import { Records } from '../records/records.ts';
import { ceilingsOf, ceilingText, confirmationOf, ratesAround } from './ceiling-text.ts';

const record = (quantity: string, value: number, at?: number): StepRecord => ({
  step: 0,
  quantity,
  value,
  definition: '',
  mode: 'train',
  ...(at !== undefined && { at }),
});
const searched = (seed: number, holds: number, fails: number) => ({
  seed,
  records: new Records([
    record('trial-holds', 1, holds),
    record('trial-holds', 0, fails),
    record('ceiling-holds', holds),
    record('ceiling-fails', fails),
    record('ceiling', Math.sqrt(holds * fails)),
  ]),
});
const tried = (seed: number, below: number, above: number) => ({
  seed,
  records: new Records([record('trial-holds', below, 0.5), record('trial-holds', above, 4)]),
});

describe('ceilings over seeds', () => {
  const found = ceilingsOf([searched(0, 1, 4), searched(1, 2, 2.5), searched(2, 0.9, 1.6)]);

  it('have the geometric mean, with Student’s interval on the logarithms', () => {
    // ln 2, ln √5, ln 1.2: mean 0.56005, deviation 0.33186; t(2, 0.975) = 4.3027.
    expect(found.interval?.mean).toBeCloseTo(Math.cbrt(2 * Math.sqrt(5) * 1.2), 12);
    const half = (4.302653 * 0.33186) / Math.sqrt(3);
    expect(Math.log(found.interval?.upper ?? 0) - Math.log(found.interval?.mean ?? 0)).toBeCloseTo(half, 3);
  });

  it('are tried beyond the extremes of all seeds', () => {
    expect(ratesAround(found, 1.2)).toEqual({ below: 0.9 / 1.2, above: 4.8 });
  });

  it('are said, with what further seeds say of them', () => {
    const around = { below: 0.5, above: 4 };
    const good = confirmationOf(around, [tried(3, 1, 0), tried(4, 1, 0)]);
    expect(ceilingText('mlp', found, good)).toMatch(
      /Confirmed on seeds 3, 4: 0.5 holds in 2 of 2, 4 fails in 2 of 2\.$/,
    );
    const bad = confirmationOf(around, [tried(3, 1, 0), tried(4, 1, 1)]);
    expect(ceilingText('mlp', found, bad)).toContain('Not confirmed');
    expect(ceilingText('mlp', found, undefined)).toContain('seed 1    holds at 2         fails at 2.5       2 trials');
  });

  it('have no interval where one lies outside all rates', () => {
    const outside = { seed: 3, records: new Records([record('trial-holds', 1, 9), record('ceiling', Number.NaN)]) };
    const open = ceilingsOf([searched(0, 1, 4), outside]);
    expect([open.interval, ratesAround(open, 1.2)]).toEqual([undefined, undefined]);
    expect(ceilingText('mlp', open, undefined)).toContain('no interval');
  });
});
