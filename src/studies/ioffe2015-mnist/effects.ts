/** @file Numbers of one training: how accurate it was on average, how soon, and how steady the inputs of its sigmoids were. */

import { average } from '../../math/statistics.ts';
import type { Records } from '../../records/records.ts';
import { rule } from './protocol.ts';

/** Mean of the test accuracy over all evaluations: the area under its curve, per step. */
export function area(records: Records): number {
  return average(records.values('test-accuracy'));
}

/** The step of the first evaluation at which the test accuracy is at least 95 %; all steps where none is (censored). */
export function stepsToAccuracy(records: Records, steps: number): number {
  return records.of('test-accuracy').find(({ value }) => value >= rule.accuracy)?.step ?? steps;
}

/**
 * How far the percentiles of single units move over training, in units of how far apart they end: the standard deviation over
 * measurements of percentile / (85th − 15th at the end), mean over percentiles and units. What a training begins with, 1 % of its
 * steps, is left out.
 */
export function instability(records: Records, steps: number): number {
  const all = records.of('activation-percentile').filter(({ place }) => place?.['unit'] !== undefined);
  const units = [...new Set(all.map(({ layer, place }) => `${layer}/${place?.['unit']}`))];
  return average(
    units.map((unit) => {
      const own = all.filter(({ layer, place }) => `${layer}/${place?.['unit']}` === unit);
      const curves = rule.percentiles.map((percentile) =>
        own.flatMap(({ at, step, value }) => (at === percentile && step >= rule.warmUp * steps ? [value] : [])),
      );
      const [low, , high] = curves.map((curve) => average(curve.slice(-rule.finalMeasurements)));
      const range = (high ?? Number.NaN) - (low ?? Number.NaN);
      return average(curves.map((curve) => deviation(curve) / range));
    }),
  );
}

/** The standard deviation over a whole curve, which divides by its length. */
function deviation(values: readonly number[]): number {
  const centre = average(values);
  return Math.sqrt(average(values.map((value) => (value - centre) * (value - centre))));
}
