/** @file A straight line through times, by which what grows with the work is told from what does not. */

import { mean } from '../../math/statistics.ts';

export interface TimedPoint {
  /** How much work, in whatever unit. */
  readonly x: number;
  readonly seconds: number;
}

export interface Line {
  /** Seconds without any work. */
  readonly fixedSeconds: number;
  readonly secondsPerUnit: number;
  /** The largest |fitted − measured| / measured. */
  readonly worstError: number;
}

/**
 * The line a + b·x nearest to the points in relative terms: it minimises Σ ((a + b·x − t)/t)², so that the small times,
 * in which what is fixed shows, count as much as the large ones.
 * @throws {NumericError} where there is no point.
 */
export function fitLine(points: readonly TimedPoint[]): Line {
  // Weighted least squares, w = 1/t².
  const weights = points.map(({ seconds }) => seconds ** -2);
  const scale = mean(weights);
  const average = (values: readonly number[]): number =>
    mean(values.map((value, i) => (value * (weights[i] ?? 0)) / scale));
  const [centre, level] = [average(points.map(({ x }) => x)), average(points.map(({ seconds }) => seconds))];
  const products = average(points.map(({ x, seconds }) => (x - centre) * (seconds - level)));
  const squares = average(points.map(({ x }) => (x - centre) ** 2));
  const secondsPerUnit = squares === 0 ? 0 : products / squares;
  const fixedSeconds = level - secondsPerUnit * centre;
  const errors = points.map(({ x, seconds }) => Math.abs(fixedSeconds + secondsPerUnit * x - seconds) / seconds);
  return { fixedSeconds, secondsPerUnit, worstError: Math.max(...errors) };
}
