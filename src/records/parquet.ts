/** @file Records as a Parquet table in long format, one row per record. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { DataError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { memoised } from '../math/memoised.ts';
import type { CellRecord, Place } from './record.ts';

/** Steps rise, and most values are of a few magnitudes, the last bytes of many being 0: a seventh less than plain, and as exact. */
const steps = { encoding: 'DELTA_BINARY_PACKED' } as const;
const values = { encoding: 'BYTE_STREAM_SPLIT' } as const;

const largestInt32 = 2 ** 31 - 1;

/**
 * The Parquet file of records, in the given order. Columns: cell, arm, setting (of the cell, as JSON), seed, step,
 * layer (nullable), quantity, at (nullable), place (as JSON, nullable), definition, mode, value. Equal records give equal bytes.
 * @throws {DataError} where a seed or step passes 2^31 - 1, the column's range.
 */
export function encodeParquet(records: readonly CellRecord[]): Uint8Array {
  const text = memoised((place: Place) => canonicalJson(place));
  const bytes = parquetWriteBuffer({
    createdBy: 'normscope',
    columnData: [
      { name: 'cell', type: 'STRING', nullable: false, data: records.map((r) => r.cell) },
      { name: 'arm', type: 'STRING', nullable: false, data: records.map((r) => r.arm) },
      { name: 'setting', type: 'STRING', nullable: false, data: records.map((r) => text(r.setting)) },
      { name: 'seed', type: 'INT32', nullable: false, data: records.map((r) => toInt32(r.seed, 'seed')) },
      { name: 'step', type: 'INT32', nullable: false, ...steps, data: records.map((r) => toInt32(r.step, 'step')) },
      { name: 'layer', type: 'STRING', nullable: true, data: records.map((r) => r.layer) },
      { name: 'quantity', type: 'STRING', nullable: false, data: records.map((r) => r.quantity) },
      { name: 'at', type: 'DOUBLE', nullable: true, data: records.map((r) => r.at) },
      { name: 'place', type: 'STRING', nullable: true, data: records.map((r) => r.place && text(r.place)) },
      { name: 'definition', type: 'STRING', nullable: false, data: records.map((r) => r.definition) },
      { name: 'mode', type: 'STRING', nullable: false, data: records.map((r) => r.mode) },
      { name: 'value', type: 'DOUBLE', nullable: false, ...values, data: records.map((r) => r.value) },
    ],
  });
  return new Uint8Array(bytes);
}

function toInt32(value: number, name: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= largestInt32) return value;
  throw new DataError(`Cannot write ${name} ${value} to Parquet: it must be an integer from 0 to ${largestInt32}`);
}
