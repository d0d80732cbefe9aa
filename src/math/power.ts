/**
 * @file Powers that are the same numbers on every machine. `**` and `Math.pow` are not: Node 20 and 22 compute them by a
 * formula of their own, 24 and later by the C library that they find, and last bits differ (docs/decisions/0008). What is
 * here uses +, −, × and ÷ alone, which IEEE 754 defines to the last bit.
 */
import { NumericError } from '../errors.ts';

/** x². */
export function squareOf(x: number): number {
  return x * x;
}

/**
 * baseⁿ for a whole n of 0 or more, as the product base · base · …, taken from left to right. Each factor beyond the first
 * adds half a unit in the last place of error at most: for many of them `power` is better.
 * @throws {NumericError} unless n is a whole number of 0 or more
 */
export function wholePower(base: number, n: number): number {
  if (!Number.isSafeInteger(n) || n < 0) {
    throw new NumericError(`Cannot multiply a number with itself: n must be a whole number of 0 or more, got ${n}`);
  }
  let product = 1;
  for (let i = 0; i < n; i++) product *= base;
  return product;
}

/**
 * base^exponent = exp(exponent · ln base) for base ≥ 0, computed with twice the digits of a double and rounded once: the
 * nearest double unless the power lies within some 2⁻⁹⁰ of itself to the middle between two, or below 2⁻¹⁰²².
 * Zero, infinite and undefined operands give what IEEE 754 says.
 * @throws {NumericError} if base is negative
 */
export function power(base: number, exponent: number): number {
  // Nothing is rounded here: these are 0, 1, infinity and NaN on every machine.
  if (base === 0 || !Number.isFinite(base) || !Number.isFinite(exponent)) return base ** exponent;
  if (base < 0) throw new NumericError(`Cannot compute a power: base must be 0 or more, got ${base}`);
  const logarithm = logarithmOf(base);
  const size = exponent * logarithm[0];
  if (Math.abs(size) > BEYOND_DOUBLES) return size > 0 ? Number.POSITIVE_INFINITY : 0;
  return exponentialOf(product(logarithm, [exponent, 0]));
}

/** exp of more than this overflows, and of less than minus this is nearer to 0 than to any other double. */
const BEYOND_DOUBLES = 746;

/** A number as the sum of two doubles, of which the second is at most half a unit in the last place of the first. */
type Pair = readonly [high: number, low: number];

const ln2: Pair = [Math.LN2, 2.3190468138462996e-17];

/** With base = m 2ᵏ and s = (m − 1)/(m + 1): ln base = k ln 2 + 2 (s + s³/3 + s⁵/5 + …), where |s| < 0.172. */
function logarithmOf(base: number): Pair {
  let [m, k] = [base, 0];
  for (; m > Math.SQRT2; k++) m /= 2;
  for (; m < Math.SQRT1_2; k--) m *= 2;
  const s = quotient([m - 1, 0], exactSum(m, 1));
  const square = product(s, s);
  let series: Pair = [0, 0];
  for (let n = 47; n > 0; n -= 2) series = sum(product(series, square), quotient([1, 0], [n, 0]));
  return sum(product(ln2, [k, 0]), product([2 * s[0], 2 * s[1]], series));
}

/** With x = n ln 2 + r: exp x = 2ⁿ (1 + r (1 + r/2 (1 + r/3 (…)))), where |r| < 0.35. */
function exponentialOf(x: Pair): number {
  let n = Math.round(x[0] / Math.LN2);
  const r = sum(x, product(ln2, [-n, 0]));
  let series: Pair = [1, 0];
  for (let k = 28; k > 0; k--) series = sum([1, 0], quotient(product(r, series), [k, 0]));
  let [value] = series;
  for (; n > 0; n--) value *= 2;
  for (; n < 0; n++) value /= 2;
  return value;
}

/** Dekker's and Knuth's arithmetic of pairs; errors of some 2⁻¹⁰⁴ of the result. */
function sum(a: Pair, b: Pair): Pair {
  const [high, rest] = exactSum(a[0], b[0]);
  const [low, last] = exactSum(a[1], b[1]);
  const [middle, below] = ordered(high, rest + low);
  return ordered(middle, below + last);
}

function product(a: Pair, b: Pair): Pair {
  const [high, low] = exactProduct(a[0], b[0]);
  return ordered(high, low + (a[0] * b[1] + a[1] * b[0]));
}

function quotient(a: Pair, b: Pair): Pair {
  const first = a[0] / b[0];
  const rest = sum(a, product(b, [-first, 0]));
  const second = rest[0] / b[0];
  const last = sum(rest, product(b, [-second, 0]))[0] / b[0];
  return sum(ordered(first, second), [last, 0]);
}

/** a + b as a pair, nothing lost. */
function exactSum(a: number, b: number): Pair {
  const rounded = a + b;
  const ofB = rounded - a;
  return [rounded, a - (rounded - ofB) + (b - ofB)];
}

/** The same where |a| ≥ |b|. */
function ordered(a: number, b: number): Pair {
  const rounded = a + b;
  return [rounded, b - (rounded - a)];
}

/** a · b as a pair, nothing lost: both are cut into halves of 26 bits, whose products are exact. */
function exactProduct(a: number, b: number): Pair {
  const rounded = a * b;
  const [aHigh, bHigh] = [upperHalf(a), upperHalf(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return [rounded, aLow * bLow - (rounded - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
}

function upperHalf(a: number): number {
  const scaled = a * (2 ** 27 + 1);
  return scaled - (scaled - a);
}
