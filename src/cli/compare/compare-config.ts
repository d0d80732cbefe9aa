/** @file What two cells are asked, beside each other: the keys of their configs and probes that differ. */

import { canonicalJson, type JsonObject, type JsonValue } from '../../records/canonical-json.ts';
import type { FinishedCell } from '../../records/cell.ts';

/** A key whose values differ; undefined where one of the two has none. */
export interface AskedDifference {
  /** "training.optimiser.momentum". */
  readonly key: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** The keys in which what fixes the numbers of two cells differs, in the order of A's config. */
export function askedDifferences(a: FinishedCell, b: FinishedCell): readonly AskedDifference[] {
  const [ofA, ofB] = [flat(askedOf(a)), flat(askedOf(b))];
  const keys = [...new Set([...ofA.keys(), ...ofB.keys()])];
  return keys
    .map((key) => ({ key, a: ofA.get(key), b: ofB.get(key) }))
    .filter((difference) => difference.a !== difference.b);
}

/** Probes by their names; several of one name are numbered. */
function askedOf({ config, probes }: FinishedCell): JsonObject {
  const named = probes.map(({ name, settings }, i) => {
    const earlier = probes.slice(0, i).filter((other) => other.name === name).length;
    return [earlier === 0 ? name : `${name} ${earlier + 1}`, settings] as const;
  });
  return { ...config, probes: Object.fromEntries(named) };
}

/** Leaves by their paths; lists are leaves, and so are objects without keys. */
function flat(value: JsonObject, path = ''): ReadonlyMap<string, string> {
  const leaves = Object.entries(value).flatMap(([key, inner]): (readonly [string, string])[] => {
    const here = path === '' ? key : `${path}.${key}`;
    return isBranch(inner) ? [...flat(inner, here)] : [[here, canonicalJson(inner ?? null)]];
  });
  return new Map(leaves);
}

function isBranch(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
