import { describe, expect, it } from 'vitest';
import { power, squareOf, wholePower } from './power.ts';
import { createStream } from './random.ts';

/** A positive double as a whole number times 2^exponent. */
function parts(value: number): { readonly whole: bigint; readonly exponent: number } {
  let [scaled, exponent] = [value, 0];
  for (; !Number.isInteger(scaled); exponent--) scaled *= 2;
  return { whole: BigInt(scaled), exponent };
}

/** Less than 0, 0 or more as aᵐ is to bⁿ, by whole numbers alone. */
function compared(a: number, m: number, b: readonly [number, number], n: number): bigint {
  const left = parts(a);
  // The middle of two doubles: (b₀ + b₁)/2, which a double may not hold.
  const [first, second] = b.map(parts) as [ReturnType<typeof parts>, ReturnType<typeof parts>];
  const least = Math.min(first.exponent, second.exponent);
  const at = ({ whole, exponent }: typeof first): bigint => whole << BigInt(exponent - least);
  const right = { whole: at(first) + at(second), exponent: least - 1 };
  const shift = m * left.exponent - n * right.exponent;
  const [raised, other] = [left.whole ** BigInt(m), right.whole ** BigInt(n)];
  return shift >= 0 ? (raised << BigInt(shift)) - other : raised - (other << BigInt(-shift));
}

/** The doubles on either side of a normal one. */
function neighbours(value: number): readonly [number, number] {
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  const at = (place: bigint): number => new Float64Array(BigInt64Array.of((bits[0] ?? 0n) + place).buffer)[0] ?? 0;
  return [at(-1n), at(1n)];
}

/** Whether `value` is the double nearest to base^(m/n). */
function isNearest(value: number, base: number, m: number, n: number): boolean {
  const [below, above] = neighbours(value);
  const [raised, times] = m >= 0 ? [base, m] : [1 / base, -m];
  return compared(raised, times, [below, value], n) >= 0n && compared(raised, times, [value, above], n) <= 0n;
}

describe('power()', () => {
  const stream = createStream({ seed: 11, purpose: 'noise' });

  it.each([
    [1, 2],
    [1, 4],
    [3, 4],
    [7, 8],
    [5, 16],
    [-3, 8],
    [2, 1],
    [3, 1],
    [7, 1],
    [29, 1],
    [-31, 1],
  ])('is the double nearest to base^(%d/%d)', (m, n) => {
    for (let i = 0; i < 100; i++) {
      // Powers of 2 have exact reciprocals, which negative exponents need here.
      const base = m < 0 ? [0.25, 2, 8, 2 ** 20, 2 ** -20][i % 5]! : 0.01 + 9 * stream.uniform();
      expect(isNearest(power(base, m / n), base, m, n)).toBe(true);
    }
  });

  it('is told from the doubles beside it by this test', () => {
    for (const other of neighbours(power(3, 0.75))) expect(isNearest(other, 3, 3, 4)).toBe(false);
  });

  it('is the double nearest to 10^x for x of few bits', () => {
    for (let i = 0; i < 300; i++) {
      const m = stream.integer(192);
      expect(isNearest(power(10, m / 64), 10, m, 64)).toBe(true);
    }
  });

  it('gives powers of ten and of two as they are written', () => {
    for (let n = -300; n <= 308; n++) expect(power(10, n)).toBe(Number(`1e${n}`));
    for (let n = -1022; n <= 1023; n++) expect(power(2, n)).toBe(2 ** n);
  });

  it.each([
    [0.1, 0, 1],
    [0, 2.5, 0],
    [0, -1, Number.POSITIVE_INFINITY],
    [10, 400, Number.POSITIVE_INFINITY],
    [10, -400, 0],
    [2, 1e300, Number.POSITIVE_INFINITY],
    [0.5, Number.POSITIVE_INFINITY, 0],
    [2, Number.NaN, Number.NaN],
    [Number.NaN, 2, Number.NaN],
    [5e-324, 0.5, 2 ** -537],
    [Number.MAX_VALUE, 1, Number.MAX_VALUE],
  ])('of %d to the %d is %d', (base, exponent, expected) => {
    expect(power(base, exponent)).toBe(expected);
  });

  it('throws on a negative base', () => {
    expect(() => power(-2, 3)).toThrow(
      expect.objectContaining({ name: 'NumericError', message: expect.stringContaining('got -2') as unknown }),
    );
  });
});

describe('wholePower()', () => {
  it('multiplies from left to right', () => {
    const base = 0.7;
    expect(wholePower(base, 5)).toBe(base * base * base * base * base);
    expect(wholePower(-1.5, 3)).toBe(-3.375);
    expect(wholePower(0.3, 1)).toBe(0.3);
    expect(wholePower(0, 0)).toBe(1);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('throws on n = %d', (n) => {
    expect(() => wholePower(2, n)).toThrow(expect.objectContaining({ name: 'NumericError' }));
  });
});

it('squareOf() is what ** 2 was', () => {
  for (const x of [-1.1, 0.3, 1e-200, 1e200, -0]) expect(squareOf(x)).toBe(x ** 2);
});
