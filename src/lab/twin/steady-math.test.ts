import { describe, expect, it } from 'vitest';
import { createStream } from '../../math/random.ts';
import { steadyMath, withSteadyMath } from './steady-math.ts';

/** Units in the last place that a value is away from the engine's own, which is right to one. */
function unitsOff(value: number, expected: number): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(expected))) - 52);
  return Math.abs(value - expected) / unit;
}

function numbers(layer: string, count: number, low: number, high: number): Float64Array {
  const data = new Float64Array(count);
  createStream({ seed: 5, purpose: 'probe', layer }).fillUniform(data, low, high);
  return data;
}

/** Its own error, at most, and the engine's: a dozen operations, of which the last two or three count. */
const UNITS = 4;
/** Halves the angle up to four times, by a root and a quotient each. */
const UNITS_OF_ACOS = 12;

describe('functions that are the same in every engine', () => {
  it.each([
    ['log', numbers('small', 4001, 2 ** -32, 1)],
    ['log', numbers('near one', 1999, 0.99, 1.01)],
    ['log', numbers('large', 997, 1, 1e9)],
    ['log10', numbers('tens', 1009, 0.1, 1e7)],
    ['exp', numbers('powers', 2003, -40, 40)],
    ['acos', numbers('cosines', 2011, -0.999, 0.999)],
  ] as const)('%s is near that of the engine', (name, at) => {
    const worst = Math.max(...Array.from(at, (x) => unitsOff(steadyMath[name](x), Math[name](x))));
    expect(worst).toBeLessThan(name === 'acos' ? UNITS_OF_ACOS : UNITS);
  });

  it('sin and cos are near those of the engine, on the scale of 1', () => {
    const angles = [...numbers('turns', 4007, -7, 7), ...numbers('many turns', 503, 0, 3000)];
    for (const name of ['sin', 'cos'] as const) {
      const worst = Math.max(...angles.map((x) => Math.abs(steadyMath[name](x) - Math[name](x))));
      expect(worst).toBeLessThan(UNITS * 2 ** -53);
    }
  });

  it('hypot neither overflows nor loses what is small', () => {
    expect(steadyMath.hypot(3e200, 4e200)).toBeCloseTo(5e200, -190);
    expect(unitsOff(steadyMath.hypot(1, 2, 3.5), Math.sqrt(17.25))).toBeLessThan(UNITS);
    expect([steadyMath.hypot(), steadyMath.hypot(0, -0), steadyMath.hypot(1, Number.NaN)]).toEqual([0, 0, Number.NaN]);
  });

  it('have the values at the ends that IEEE 754 states', () => {
    const { log, log10, exp, sin, acos } = steadyMath;
    expect([log(1), log(0), log(-1), log(Number.POSITIVE_INFINITY)]).toEqual([
      0,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
    expect([1, 1000, 1e15, 1e22].map(log10)).toEqual([0, 3, 15, 22]);
    expect([exp(0), exp(-800), exp(800), exp(Number.NaN)]).toEqual([1, 0, Number.POSITIVE_INFINITY, Number.NaN]);
    expect([acos(1), acos(-1), acos(1.1), sin(Number.POSITIVE_INFINITY)]).toEqual([0, Math.PI, Number.NaN, Number.NaN]);
    expect(log(2 ** -1074)).toBeCloseTo(-1074 * Math.LN2, 9);
  });

  it('say where an angle is too large for them', () => {
    expect(() => steadyMath.cos(1e7)).toThrow(/below 524288 quarters of a turn, got 10000000; take it modulo 2π/);
  });
});

describe('withSteadyMath', () => {
  it('puts them in the place of the engine’s for as long as the work takes, and those back', async () => {
    const { log, tan } = Math;
    const inside = await withSteadyMath(async () => {
      await Promise.resolve();
      return [Math.log === steadyMath.log, Math.hypot === steadyMath.hypot];
    });
    expect(inside).toEqual([true, true]);
    expect([Math.log === log, Math.tan === tan]).toEqual([true, true]);
  });

  it('refuses functions that it has none for, and a second work meanwhile, and puts back after a failure', async () => {
    const { log } = Math;
    await expect(withSteadyMath(async () => Math.tanh(1))).rejects.toThrow(
      /Math\.tanh is not the same in every browser/,
    );
    await expect(withSteadyMath(() => withSteadyMath(async () => 1))).rejects.toThrow(
      'One twin must be computed at a time',
    );
    expect(Math.log).toBe(log);
  });
});
