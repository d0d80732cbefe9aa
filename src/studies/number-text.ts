/** @file Numbers in sentences: three significant digits, and intervals as `1.8 [1.5, 2.2]`. */

import type { Interval } from '../math/statistics.ts';

export function format3(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) >= 1e5 || (rounded !== 0 && Math.abs(rounded) < 1e-3)
    ? rounded.toExponential()
    : String(rounded);
}

/** "0.31, 0.32", of a number per seed. */
export function valuesText(effects: readonly { readonly value: number }[]): string {
  return effects.map(({ value }) => format3(value)).join(', ');
}

export function formatInterval3({ mean, lower, upper }: Interval): string {
  return `${format3(mean)} [${format3(lower)}, ${format3(upper)}]`;
}
