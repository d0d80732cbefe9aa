/** @file JSON values, and the one text that a JSON value has: what every hash of a configuration is taken of. */

/** What JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object. An optional field that is not set must be left out, not be undefined. */
export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * The canonical text of a JSON value: keys sorted by UTF-16 code unit, no white space, -0 as 0 (RFC 8785 in spirit).
 * Equal values have equal texts whatever the order in which their keys were set.
 * @param value - taken as unknown, since a configuration may come from outside the type checker.
 * @throws {TypeError} for what JSON would drop or bend silently: undefined, NaN, infinities, functions, bigints,
 * symbols, class instances, holes in arrays, cycles; the message names the place.
 */
export function canonicalJson(value: unknown): string {
  return encode(value, '$', []);
}

/**
 * Settings as plain data: what is not set is dropped, and keys are sorted.
 * @throws {TypeError} as {@link canonicalJson}
 */
export function plainJson(settings: object): JsonObject {
  return JSON.parse(canonicalJson(settings)) as JsonObject;
}

function encode(value: unknown, place: string, parents: readonly object[]): string {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw notJson(place, String(value));
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return encodeObject(value, place, parents);
    default:
      throw notJson(place, value === undefined ? 'undefined' : `a ${typeof value}`);
  }
}

function encodeObject(value: object, place: string, parents: readonly object[]): string {
  if (parents.includes(value)) throw notJson(place, 'a cycle');
  const inside = [...parents, value];
  if (Array.isArray(value)) {
    // Array.from visits holes too, which map would skip.
    return `[${Array.from(value, (item: unknown, i) => encode(item, `${place}[${i}]`, inside)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw notJson(place, `an instance of ${value.constructor.name}`);
  }
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${encode(item, `${place}.${key}`, inside)}`);
  return `{${fields.join(',')}}`;
}

function notJson(place: string, what: string): TypeError {
  return new TypeError(`Cannot write ${place} as canonical JSON: it is ${what}; leave it out or give a plain value`);
}
