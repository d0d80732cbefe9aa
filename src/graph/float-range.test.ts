import { describe, expect, it } from 'vitest';
import { requireHeld, requireHeldBelowOne } from './float-range.ts';

/** The largest numbers of each type, and the smallest with all their digits, as IEEE 754 has them. */
const largest = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE } as const;
const smallest = { float32: 1.1754943508222875e-38, float64: 2.2250738585072014e-308 } as const;

describe.each(['float32', 'float64'] as const)('requireHeld() in %s', (float) => {
  it.each([0, -0, 1, -1, 0.1, largest[float], -largest[float], smallest[float], -smallest[float]])(
    'lets %d pass',
    (value) => {
      expect(() => requireHeld('It', value, float, '1')).not.toThrow();
    },
  );

  it.each([smallest[float] * (1 - 2 ** -10), -smallest[float] / 2, 5e-324])(
    'refuses %d, which loses digits',
    (value) => {
      expect(() => requireHeld('It', value, float, '1')).toThrow(
        expect.objectContaining({ name: 'SettingError', message: expect.stringContaining(`got ${value}; try 1`) }),
      );
    },
  );
});

describe('requireHeld()', () => {
  it('refuses what float32 rounds to infinity, and nothing less', () => {
    // Half a unit in the last place above the largest number.
    const tie = (2 - 2 ** -24) * 2 ** 127;
    expect(() => requireHeld('It', tie, 'float32', '1')).toThrow(/^It must have a size that float32 holds/);
    expect(() => requireHeld('It', tie * (1 - 2 ** -50), 'float32', '1')).not.toThrow();
    expect(() => requireHeld('It', 1e39, 'float64', '1')).not.toThrow();
  });

  it('leaves infinity to rules that know whether it means no limit', () => {
    expect(() => requireHeld('It', Number.POSITIVE_INFINITY, 'float32', '1')).not.toThrow();
  });
});

describe('requireHeldBelowOne()', () => {
  it('refuses what is rounded to 1', () => {
    const [below, near] = [1 - 2 ** -24, 1 - 2 ** -26];
    expect(() => requireHeldBelowOne('It', below, 'float32', '0.9')).not.toThrow();
    expect(() => requireHeldBelowOne('It', near, 'float32', '0.9')).toThrow(/got 0\.99\d*, which becomes 1; try 0\.9$/);
    expect(() => requireHeldBelowOne('It', near, 'float64', '0.9')).not.toThrow();
    expect(() => requireHeldBelowOne('It', 1e-50, 'float32', '0.9')).toThrow(/float32 holds/);
  });
});
