/**
 * @file Functions of mathematics that are the same in every engine. The language lets each round `Math.log` or `Math.cos` as it
 * likes: between Node 20 and Chromium one in twenty normal numbers differs in its last bit. What is here uses +, −, ×, ÷ and square
 * roots alone, which IEEE 754 defines to the last bit; it is right to a few units in the last place, and slower.
 */

import { NumericError } from '../../errors.ts';

/** ln 2 in two parts, of which the first has 32 bits, so that a whole number of up to 20 bits times it is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** π/2 in three parts, of which the first two have 33 bits. */
const QUARTER_HIGH = 1.5707963267341256;
const QUARTER_MIDDLE = 6.077100506303966e-11;
const QUARTER_LOW = 2.0222662487959506e-21;
/** Whole quarters of a turn of which the parts above are exact multiples. */
const MOST_QUARTERS = 2 ** 19;
/** exp of more overflows, and of less than minus this is nearer to 0 than to any other double. */
const BEYOND_DOUBLES = 746;

/** With x = m 2ᵏ and s = (m − 1)/(m + 1): ln x = k ln 2 + 2 (s + s³/3 + s⁵/5 + …), where |s| < 0.172. */
function log(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x === 0 ? Number.NEGATIVE_INFINITY : x > 0 ? x : Number.NaN;
  let [m, k] = [x, 0];
  for (; m > Math.SQRT2; k++) m /= 2;
  for (; m < Math.SQRT1_2; k--) m *= 2;
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let series = 0;
  for (let n = 23; n > 1; n -= 2) series = (series + 1 / n) * square;
  return k * LN2_HIGH + (k * LN2_LOW + 2 * s * series + 2 * s);
}

/** Whole where x is a power of ten. */
function log10(x: number): number {
  const value = log(x) / Math.LN10;
  const whole = Math.round(value);
  if (whole < 0 || whole > 22) return value;
  let power = 1;
  for (let i = 0; i < whole; i++) power *= 10;
  return power === x ? whole : value;
}

/** With x = n ln 2 + r: exp x = 2ⁿ (1 + r (1 + r/2 (1 + r/3 (…)))), where |r| < 0.35. */
function exp(x: number): number {
  if (!(Math.abs(x) <= BEYOND_DOUBLES)) return x > 0 ? Number.POSITIVE_INFINITY : x < 0 ? 0 : Number.NaN;
  let n = Math.round(x / Math.LN2);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let value = 1;
  for (let k = 15; k > 0; k--) value = 1 + (r * value) / k;
  for (; n > 0; n--) value *= 2;
  for (; n < 0; n++) value /= 2;
  return value;
}

function sin(x: number): number {
  return turned(x, 0);
}

function cos(x: number): number {
  return turned(x, 1);
}

/** sin of an angle and so many quarters of a turn more. */
function turned(x: number, more: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const quarters = Math.round(x / QUARTER_HIGH);
  if (Math.abs(quarters) > MOST_QUARTERS) {
    throw new NumericError(`An angle must be below ${MOST_QUARTERS} quarters of a turn, got ${x}; take it modulo 2π`);
  }
  const r = x - quarters * QUARTER_HIGH - quarters * QUARTER_MIDDLE - quarters * QUARTER_LOW;
  const place = (((quarters + more) % 4) + 4) % 4;
  const value = place % 2 === 0 ? sinOfSmall(r) : cosOfSmall(r);
  return place < 2 ? value : -value;
}

/** r − r³/3! + r⁵/5! − …, where |r| ≤ π/4. */
function sinOfSmall(r: number): number {
  const square = r * r;
  let series = 0;
  for (let k = 18; k > 0; k -= 2) series = (-square / (k * (k + 1))) * (1 + series);
  return r + r * series;
}

/** 1 − r²/2! + r⁴/4! − …, where |r| ≤ π/4. */
function cosOfSmall(r: number): number {
  const square = r * r;
  let series = 0;
  for (let k = 17; k > 0; k -= 2) series = (-square / (k * (k + 1))) * (1 + series);
  return 1 + series;
}

/** By half the angle, whose tangent is √((1 − x)/(1 + x)). */
function acos(x: number): number {
  return Math.abs(x) <= 1 ? 2 * atanOf(Math.sqrt((1 - x) / (1 + x))) : Number.NaN;
}

/** Of 0 or more: halves the angle until its tangent is small, then t − t³/3 + t⁵/5 − …. */
function atanOf(tangent: number): number {
  if (tangent > 1) return Math.PI / 2 - atanOf(1 / tangent);
  let [t, factor] = [tangent, 1];
  for (; t > 0.1; factor *= 2) t /= 1 + Math.sqrt(1 + t * t);
  let series = 0;
  for (let n = 17; n > 1; n -= 2) series = -(1 / n + series) * t * t;
  return factor * (t + t * series);
}

/** √(a² + b² + …), where no square overflows. */
function hypot(...values: readonly number[]): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  return largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) * (value / largest), 0));
}

/** In place of those of `Math`. */
export const steadyMath: Pick<Math, 'log' | 'log10' | 'exp' | 'sin' | 'cos' | 'acos' | 'hypot'> = {
  log,
  log10,
  exp,
  sin,
  cos,
  acos,
  hypot,
};

/** Those that no study's measurement uses, and that would not be the same everywhere. */
const unsteady = [
  ...(['pow', 'log2', 'log1p', 'expm1', 'cbrt', 'tan', 'asin', 'atan', 'atan2'] as const),
  ...(['sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh'] as const),
];

/**
 * Does some work with these functions in the place of `Math`'s, for all that runs in this thread meanwhile; the rest of those that
 * engines round as they like fail. One such work at a time.
 * @throws {RangeError} where another is under way: it would put back what it found
 */
export async function withSteadyMath<Result>(work: () => Promise<Result>): Promise<Result> {
  if (Math.log === log) throw new RangeError('One twin must be computed at a time in a thread, got another');
  const names = [...(Object.keys(steadyMath) as (keyof typeof steadyMath)[]), ...unsteady];
  const own = Object.fromEntries(names.map((name) => [name, Math[name]]));
  const refusing = Object.fromEntries(
    unsteady.map((name) => [
      name,
      () => {
        throw new NumericError(
          `Math.${name} is not the same in every browser: a study's measurement must do without it`,
        );
      },
    ]),
  );
  Object.assign(Math, steadyMath, refusing);
  try {
    return await work();
  } finally {
    Object.assign(Math, own);
  }
}
