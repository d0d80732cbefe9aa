/** @file What a twin that was computed again says to the one that a report carries: the same to the last bit, or what differs, and by how much. */

import { fingerprintOf } from './fingerprint.ts';
import type { TwinRecords } from './compute-twin.ts';
import type { Twin } from './twin.ts';

/** A quantity of which some numbers differ. */
export interface Difference {
  readonly quantity: string;
  /** How many of its numbers differ, of all. */
  readonly count: number;
  readonly all: number;
  /** The largest difference; infinite where a number is missing on one side, or is none. */
  readonly most: number;
  /** The largest of its numbers by size, in the report: what `most` is large or small beside. */
  readonly size: number;
}

export type Compared =
  | { readonly kind: 'same'; readonly numbers: number; readonly fingerprint: string }
  /** The numbers are as many, or as they are, and yet the hashes differ: the report was changed, or says of other places. */
  | { readonly kind: 'changed'; readonly fingerprint: string }
  | { readonly kind: 'other-count'; readonly numbers: number; readonly expected: number }
  /** Those that differ most, by their own size, first. */
  | { readonly kind: 'differs'; readonly differences: readonly Difference[] };

/** @param cells - computed here */
export function compareTwin(
  { fingerprint, values }: Pick<Twin, 'fingerprint' | 'values'>,
  cells: TwinRecords,
): Compared {
  const records = cells.flat();
  if (records.length !== values.length) {
    return { kind: 'other-count', numbers: records.length, expected: values.length };
  }
  const differences = differencesOf(
    records.map(({ quantity, value }, i) => ({ quantity, value, expected: Number(values[i]) })),
  );
  if (differences.length > 0) return { kind: 'differs', differences };
  const computed = fingerprintOf(cells);
  return computed === fingerprint
    ? { kind: 'same', numbers: records.length, fingerprint }
    : { kind: 'changed', fingerprint: computed };
}

/** A number as it was computed, beside the one that it should be. */
export interface Pair {
  readonly quantity: string;
  readonly value: number;
  readonly expected: number;
}

/** Of each quantity that has numbers which differ, in any bit; those that differ most, by their own size, first. */
export function differencesOf(pairs: readonly Pair[]): readonly Difference[] {
  const found = new Map<string, Difference>();
  for (const { quantity, value, expected } of pairs) {
    const before = found.get(quantity) ?? { quantity, count: 0, all: 0, most: 0, size: 0 };
    const isSame = Object.is(value, expected);
    const distance = Math.abs(value - expected);
    found.set(quantity, {
      quantity,
      count: before.count + (isSame ? 0 : 1),
      all: before.all + 1,
      most: Math.max(before.most, isSame ? 0 : Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance),
      size: Math.max(before.size, Number.isFinite(expected) ? Math.abs(expected) : 0),
    });
  }
  return [...found.values()].filter(({ count }) => count > 0).toSorted((a, b) => relative(b) - relative(a));
}

/** How large a difference is beside its quantity; of a quantity that is 0 throughout, what it is. */
function relative({ most, size }: Difference): number {
  return size === 0 ? most : most / size;
}
