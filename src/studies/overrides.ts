/** @file `--set key=value`: text from the command line onto a protocol's fields, by the type each field has. */

import { SettingError, unknownName } from '../errors.ts';
import type { JsonObject, JsonValue } from '../records/canonical-json.ts';

/**
 * A protocol with some fields replaced. Numbers and words stand for themselves; a list is `a,b,c`, or `lo:hi:n` for n
 * numbers from lo to hi at equal distances.
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

/** `a,b,c` or `lo:hi:n`. */
function parseNumbers(key: string, text: string): readonly number[] {
  const range = text.split(':');
  if (range.length === 1) return text.split(',').map((part) => parseNumber(key, part));
  const [low = 0, high = 0, count = 0] = range.map((part) => parseNumber(key, part));
  if (range.length !== 3 || !Number.isInteger(count) || count < 2) {
    throw new SettingError(`Setting '${key}' must be a list 'a,b,c' or a range 'lo:hi:n' with n ≥ 2, got '${text}'`);
  }
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}
