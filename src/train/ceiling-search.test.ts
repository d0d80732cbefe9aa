import { describe, expect, it } from 'vitest';
import { ceilingOf, findCeiling, mostTrials } from './ceiling-search.ts';

const search = { from: 0.1, ratio: 1.1, least: 1e-5, most: 1e3 };

describe('findCeiling()', () => {
  it.each([0.0999, 0.1, 0.1001, 0.25, 0.0003, 37, 999, 1.1e-5])('brackets a ceiling at %d', async (ceiling) => {
    const tried: number[] = [];
    const bracket = await findCeiling(search, async (rate) => (tried.push(rate), rate <= ceiling));
    const { holds = Number.NaN, fails = Number.NaN } = bracket;
    expect(holds).toBeLessThanOrEqual(ceiling);
    expect(fails).toBeGreaterThan(ceiling);
    expect(fails / holds).toBeLessThanOrEqual(1.1);
    expect(ceilingOf(bracket)).toBeCloseTo(Math.sqrt(holds * fails), 12);
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried.length).toBeLessThanOrEqual(mostTrials(search));
  });

  it('says which end is missing where the ceiling lies outside', async () => {
    expect(await findCeiling(search, async () => true)).toEqual({ holds: 1e3, fails: undefined });
    expect(await findCeiling(search, async () => false)).toEqual({ holds: undefined, fails: 1e-5 });
    expect(ceilingOf({ holds: 1e3, fails: undefined })).toBeNaN();
  });

  it.each([
    [{ ...search, ratio: 1 }, 'wider than 1.01'],
    [{ ...search, from: 1e4 }, 'between its ends'],
    [{ ...search, least: 0 }, 'between its ends'],
  ])('refuses what could not end: %o', async (bad, message) => {
    await expect(findCeiling(bad, async () => true)).rejects.toThrow(message);
  });
});
