/** @file Numbers that rest on batches, with the interval that groups of batches give them. */

import { type Interval, mean, median, studentInterval } from '../math/statistics.ts';

/** A number on all batches, and how far it may be off. */
export interface Spread {
  readonly value: number;
  /** 95 % over groups of batches, or over batches; undefined where a number was not finite. */
  readonly interval: Interval | undefined;
}

/** Each has three batches of twelve. */
const GROUPS = 4;

/** What a function makes of all batches, and its interval over four groups of them, each batch in one. */
export function overGroups<T>(batches: readonly T[], of: (part: readonly T[]) => number): Spread {
  const parts = Array.from({ length: GROUPS }, (_, group) => batches.filter((_, i) => i % GROUPS === group));
  return { value: of(batches), interval: intervalOf(parts.filter((part) => part.length > 0).map(of)) };
}

/** The mean of a number per batch, with its interval over them. */
export function overBatches(values: readonly number[]): Spread {
  return { value: average(values), interval: intervalOf(values) };
}

/** The mean of a[i] − b[i], with its interval over batches. */
export function differences(a: readonly number[], b: readonly number[]): Spread {
  const each = a.map((value, i) => value - (b[i] as number));
  const interval = intervalOf(each);
  return { value: interval?.mean ?? Number.NaN, interval };
}

/** The mean, whatever the numbers are: of a network that explodes some are none, and so is the mean. */
export function average(values: readonly number[]): number {
  return values.every(Number.isFinite) ? mean(values) : Number.NaN;
}

/** The median of numbers as they come: NaN where there are none, or one is none. */
export function middleOf(values: ArrayLike<number>): number {
  const all = Array.from(values);
  return all.length > 0 && all.every(Number.isFinite) ? median(all) : Number.NaN;
}

/** Student's, 95 %; undefined where there are fewer than two numbers, or one is not finite. */
function intervalOf(values: readonly number[]): Interval | undefined {
  return values.length > 1 && values.every(Number.isFinite) ? studentInterval(values) : undefined;
}
