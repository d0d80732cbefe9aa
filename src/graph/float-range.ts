/** @file Which numbers a float type has room for: settings are checked before they become part of a graph. */

import { SettingError } from '../errors.ts';
import type { FloatType } from './tensor-type.ts';

/** The smallest number that has all its digits, and the largest. */
const ranges: Readonly<Record<FloatType, readonly [least: number, most: number]>> = {
  float32: [2 ** -126, (2 - 2 ** -23) * 2 ** 127],
  float64: [2 ** -1022, Number.MAX_VALUE],
};

/** A number as a graph of that type computes with it. */
function roundedTo(float: FloatType, value: number): number {
  return float === 'float32' ? Math.fround(value) : value;
}

/**
 * Throws for a finite number that would become another one in the graph: ∞; 0, which it is not; or a subnormal, which
 * has lost digits, and counts as 0 on processors that flush. What is exactly 0 is fine.
 * @param what - the setting, as a sentence begins with it
 * @param hint - completes "…; try "
 * @throws {SettingError}
 */
export function requireHeld(what: string, value: number, float: FloatType, hint: string): void {
  const [least, most] = ranges[float];
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(value) || (size >= least && Number.isFinite(roundedTo(float, size)))) return;
  const range = `from ${least.toPrecision(2)} to ${most.toPrecision(2)}`;
  throw new SettingError(`${what} must have a size that ${float} holds, ${range}, got ${value}; try ${hint}`);
}

/**
 * The same for a number of [0, 1), which must not be rounded to 1 either.
 * @throws {SettingError}
 */
export function requireHeldBelowOne(what: string, value: number, float: FloatType, hint: string): void {
  requireHeld(what, value, float, hint);
  if (value < 1 && roundedTo(float, value) === 1) {
    throw new SettingError(`${what} must be below 1 as ${float} holds it, got ${value}, which becomes 1; try ${hint}`);
  }
}
