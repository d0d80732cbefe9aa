/** @file `--set key=value`: text from the command line onto a protocol's fields, by the type each field has. */

import { power } from '../math/power.ts';
import { SettingError, unknownName } from '../errors.ts';
import type { JsonObject, JsonValue } from '../records/canonical-json.ts';

/**
 * A protocol with some fields replaced. Numbers and words stand for themselves; a list is `a,b,c`, or `lo:hi:n` for n
 * numbers from lo to hi at equal distances, `lo:hi:n:log` at equal ratios.
 * @throws {SettingError} for an unknown field or a value of the wrong type.
 */
export function override<Protocol extends JsonObject>(
  protocol: Protocol,
  set: Readonly<Record<string, string>>,
): Protocol {
  const changed: Record<string, JsonValue> = {};
  for (const [key, text] of Object.entries(set)) {
    const field = Object.hasOwn(protocol, key) ? protocol[key] : undefined;
    if (field === undefined) throw unknownName('setting', key, Object.keys(protocol));
    changed[key] = parseAs(field, key, text);
  }
  return { ...protocol, ...changed };
}

function parseAs(field: JsonValue, key: string, text: string): JsonValue {
  if (typeof field === 'number') return parseNumber(key, text);
  if (typeof field === 'string') return text;
  if (typeof field === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new SettingError(`Setting '${key}' must be true or false, got '${text}'`);
  }
  if (Array.isArray(field)) {
    const [sample] = field;
    return typeof sample === 'string' ? text.split(',') : parseNumbers(key, text);
  }
  throw new SettingError(`Setting '${key}' cannot be set from the command line`);
}

function parseNumber(key: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw new SettingError(`Setting '${key}' must be a number, got '${text}'`);
  }
  return number;
}

/** `a,b,c`, `lo:hi:n` or `lo:hi:n:log`. */
function parseNumbers(key: string, text: string): readonly number[] {
  const range = maybeRange(text);
  if (range !== undefined) return range;
  if (!text.includes(':')) return text.split(',').map((part) => parseNumber(key, part));
  throw new SettingError(`Setting '${key}' must be a list 'a,b,c' or a ${rangeForm}, got '${text}'`);
}

/** How a range is written, for messages. */
export const rangeForm = "range 'lo:hi:n' with n ≥ 2, 'lo:hi:n:log' for equal ratios";

/**
 * `lo:hi:n` as n numbers from lo to hi at equal distances, `lo:hi:n:log` at equal ratios, ends included.
 * @returns undefined for what is no such range
 */
export function maybeRange(text: string): readonly number[] | undefined {
  const [lowText = '', highText = '', countText = '', spacing, ...others] = text.split(':');
  const [low, high, count] = [Number(lowText), Number(highText), Number(countText)];
  const isWritten = [lowText, highText, countText].every((part) => part.trim() !== '') && others.length === 0;
  if (!isWritten || !Number.isFinite(low) || !Number.isFinite(high) || !Number.isInteger(count) || count < 2)
    return undefined;
  const at = (i: number): number => i / (count - 1);
  const numbers = Array.from({ length: count }, (_, i) => i);
  if (spacing === undefined) return numbers.map((i) => low + (high - low) * at(i));
  if (spacing !== 'log' || low <= 0 || high <= 0) return undefined;
  return numbers.map((i) => (i === count - 1 ? high : low * power(high / low, at(i))));
}
