/** @file Summaries of small samples: location, spread, and the interval that decides a verdict. */
import { counted } from '../counted.ts';
import { NumericError, SettingError } from '../errors.ts';
import { squareOf } from './power.ts';
import { studentQuantile } from './student.ts';

/** The arithmetic mean. @throws {NumericError} if values is empty or holds a number that is not finite */
export function mean(values: ArrayLike<number>): number {
  assertSample('mean', values, 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** The mean, whatever the values: not a number where one is none, as of a training that has diverged, or where there is none. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The middle value, or the mean of the two middle values. @throws {NumericError} as `mean` does */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/**
 * The q-quantile by linear interpolation: with the values sorted, the value at place q · (n − 1). NumPy's default.
 * @param q - in [0, 1]
 * @throws {NumericError} if values is empty or holds a number that is not finite
 * @throws {SettingError} if q lies outside [0, 1]
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  assertSample('quantile', values, 1);
  if (!(q >= 0 && q <= 1)) throw new SettingError(`Cannot compute a quantile: q must lie in [0, 1], got q = ${q}`);
  const sorted = Float64Array.from(values).sort();
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * The standard deviation, its variance unbiased (divides by n − 1).
 * @throws {NumericError} if there are fewer than 2 values or one is not finite
 */
export function standardDeviation(values: ArrayLike<number>): number {
  assertSample('standard deviation', values, 2);
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += squareOf((values[i] as number) - centre);
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * The slope of the straight line nearest to points (x, y) in least squares: Σ (x − x̄)(y − ȳ) / Σ (x − x̄)².
 * @throws {NumericError} if there are fewer than 2 points, fewer y than x, or a number that is not finite
 */
export function leastSquaresSlope(x: ArrayLike<number>, y: ArrayLike<number>): number {
  assertSample('slope', x, 2);
  assertSample('slope', y, x.length);
  const [centre, level] = [mean(x), mean(y)];
  let [products, squares] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const away = (x[i] as number) - centre;
    products += away * ((y[i] as number) - level);
    squares += squareOf(away);
  }
  return products / squares;
}

/** A mean with the ends of its confidence interval. */
export interface Interval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
  /** How many values it rests on. */
  readonly count: number;
}

/**
 * Student's t interval of a mean: mean ± t((1 + confidence) / 2, n − 1) · s / √n.
 * @param values - one per seed, for instance the effects of paired arms
 * @param confidence - in (0, 1); 0.95 when omitted
 * @throws {NumericError} if there are fewer than 2 values or one is not finite
 * @throws {SettingError} if confidence lies outside (0, 1)
 */
export function studentInterval(values: ArrayLike<number>, confidence = 0.95): Interval {
  assertSample('confidence interval', values, 2);
  if (!(confidence > 0 && confidence < 1)) {
    throw new SettingError(`Cannot compute a confidence interval: confidence must lie in (0, 1), got ${confidence}`);
  }
  const count = values.length;
  const centre = mean(values);
  const quantileOfT = studentQuantile((1 + confidence) / 2, count - 1);
  const half = (quantileOfT * standardDeviation(values)) / Math.sqrt(count);
  return { mean: centre, lower: centre - half, upper: centre + half, count };
}

function assertSample(what: string, values: ArrayLike<number>, least: number): void {
  if (values.length < least) {
    const needed = counted(least, 'value');
    throw new NumericError(`Cannot compute the ${what}: needs at least ${needed}, got ${values.length}`);
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) {
      throw new NumericError(`Cannot compute the ${what}: every value must be finite, got ${value} at index ${i}`);
    }
  }
}
