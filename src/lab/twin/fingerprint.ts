/** @file One hash of all numbers of a study, over their bits and over what tells each from the others. */

import { recordKey } from '../../records/record.ts';
import { sha256Hex } from '../../records/hash.ts';
import type { TwinRecords } from './compute-twin.ts';

/**
 * SHA-256 of a line per record: which cell it is of, what it is of, and the 64 bits of its number.
 * @returns 64 lower-case hexadecimal digits
 */
export function fingerprintOf(cells: TwinRecords): string {
  const lines = cells.flatMap((records, cell) =>
    records.map((record) => `${cell}|${recordKey(record)}|${bitsOf(record.value)}\n`),
  );
  return sha256Hex(lines.join(''));
}

const view = new DataView(new ArrayBuffer(8));

/** 16 hexadecimal digits. Of NaN there are many, which processors choose between: here it is one. */
function bitsOf(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}
