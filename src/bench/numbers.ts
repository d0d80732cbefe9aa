/** @file How the bench's numbers are written. */

import type { Spread } from './summary.ts';

/** Seconds as `163 (158–171)` milliseconds, each to three digits. */
export function millisecondsText({ median, lower, upper }: Spread): string {
  const [middle, low, high] = [median, lower, upper].map((seconds) => digits(1000 * seconds));
  return `${middle} (${low}–${high})`;
}

/** `1.06 (1.02–1.11)`. */
export function ratioText({ median, lower, upper }: Spread): string {
  return `${median.toFixed(2)} (${lower.toFixed(2)}–${upper.toFixed(2)})`;
}

/** Three significant digits; whole from a hundred on. */
export function digits(value: number): string {
  return value >= 99.95 ? String(Math.round(value)) : value.toPrecision(3);
}
