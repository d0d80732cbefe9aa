import { describe, expect, it } from 'vitest';
import { fillDraws } from '../../src/math/draws.ts';
import { normalTail } from '../../src/math/normal-tail.ts';
import type { StreamKey } from '../../src/math/random.ts';
import { type Golden, readGolden } from './golden.ts';

/** Of some keys, the draws at some places: the first ones, and some whose normal number lies in an outermost cell. */
interface DrawsGolden extends Golden {
  readonly draws: readonly {
    readonly key: Omit<StreamKey, 'purpose'>;
    readonly places: readonly number[];
    readonly uniform: readonly number[];
    readonly normal: readonly number[];
  }[];
}

const { draws } = readGolden<DrawsGolden>('draws');

describe.each(draws)('the draws of $key', ({ key, places, uniform, normal }) => {
  const drawn = (distribution: 'uniform' | 'normal'): Float32Array => {
    const target = new Float32Array(Math.max(...places) + 1);
    fillDraws(target, { ...key, purpose: 'noise' }, { distribution, width: 1, centres: new Float32Array(1) });
    return Float32Array.from(places, (place) => target[place] ?? Number.NaN);
  };

  it('are the uniform numbers that Python computes, to the last bit', () => {
    expect([...drawn('uniform')]).toEqual(uniform);
  });

  it('are the normal numbers that Python computes from erfc in float64, rounded to float32', () => {
    // Half a unit in the last place of float32, and what the two quantiles may differ by.
    [...drawn('normal')].forEach((number, i) => {
      const expected = normal[i] ?? Number.NaN;
      expect(Math.abs(number - expected)).toBeLessThanOrEqual((2 ** -24 + 1e-13) * Math.abs(expected));
    });
    expect(normal.filter((number) => Math.abs(number) > 3.66).length).toBeGreaterThanOrEqual(12);
  });
});

it('the tail of a normal distribution begins where tables say', () => {
  // Abramowitz and Stegun, table 26.5, and to all digits by mpmath.
  const table: readonly (readonly [number, number])[] = [
    [0.5, 0],
    [0.25, 0.6744897501960817],
    [0.075, 1.4395314709384563],
    [0.025, 1.9599639845400545],
    [0.001, 3.090232306167813],
    [1e-5, 4.264890793922825],
    [1e-8, 5.612001244174789],
    [1e-15, 7.941345326170998],
  ];
  for (const [tail, z] of table) expect(Math.abs(normalTail(tail) - z)).toBeLessThanOrEqual(1e-14 * z);
  for (const wrong of [0, -0.1, 0.6, Number.NaN]) expect(() => normalTail(wrong)).toThrow('must be in (0, 1/2]');
});
