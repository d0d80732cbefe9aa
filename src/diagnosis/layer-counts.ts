/** @file How many units and channels of a layer are of no use, and how much epsilon takes: counted once for the rules that judge them and the figures that show them. */

import { median } from '../math/statistics.ts';
import { middleOf } from './groups.ts';
import { type Measured, type MeasuredLayer, type MeasuredNorm, numbersOf } from './measure.ts';

/** Units of a ReLU layer that are 0 on every example. @param active - shares above 0, by unit */
export function deadUnits(active: NonNullable<MeasuredLayer['active']>): number {
  return active.filter((share) => share === 0).length;
}

/** Those above 0 on less than 1 % of what they see, dead ones among them. */
export function idleUnits(active: NonNullable<MeasuredLayer['active']>): number {
  return active.filter((share) => share < 0.01).length;
}

/** Channels whose variance over the data is below 10 epsilon. */
export function constantChannelsOf({ place: { epsilon }, population }: MeasuredNorm): number {
  return population.variance.filter((variance) => variance < 10 * epsilon).length;
}

/** Epsilon ÷ the median over live channels of the variance of the data; NaN where none is alive. */
export function epsilonShareOf({ place: { epsilon }, population }: MeasuredNorm): number {
  return epsilon / middleOf([...population.variance].filter((variance) => variance > 0));
}

/** Channels whose running mean is not finite, or whose running variance is not finite or negative. */
export function poisonedChannels({ mean, variance }: MeasuredNorm['running']): number {
  const isNumber = (c: number): boolean =>
    Number.isFinite(mean[c]) && Number.isFinite(variance[c]) && (variance[c] as number) >= 0;
  return Array.from({ length: mean.length }, (_, c) => c).filter((c) => !isNumber(c)).length;
}

/**
 * Gammas below 1 % of the median, by layer: of the layer's, or the network's where that is larger, since of a layer with half its
 * gammas at 0 the median is 0. None where one of the network's is no number.
 */
export function deadGammasOf({ norms, state }: Measured): ReadonlyMap<string, number> {
  const sizes = new Map(
    norms.flatMap(({ place: { layer, gamma } }) =>
      gamma === undefined ? [] : [[layer, Array.from(numbersOf(state, gamma), Math.abs)] as const],
    ),
  );
  const everywhere = [...sizes.values()].flat();
  if (everywhere.length === 0 || !everywhere.every(Number.isFinite)) return new Map();
  const usual = median(everywhere);
  return new Map(
    [...sizes].map(([layer, own]) => {
      const least = 0.01 * Math.max(median(own), usual);
      return [layer, own.filter((size) => size < least).length];
    }),
  );
}
