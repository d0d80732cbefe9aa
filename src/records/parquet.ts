/** @file Records as a Parquet table in long format, one row per record. */
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { DataError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { memoised } from '../math/memoised.ts';
import type { CellRecord, Place, RecordTable } from './record.ts';

/** Steps rise, and most values are of a few magnitudes, the last bytes of many being 0: a seventh less than plain, and as exact. */
const steps = { encoding: 'DELTA_BINARY_PACKED' } as const;
const values = { encoding: 'BYTE_STREAM_SPLIT' } as const;

const largestInt32 = 2 ** 31 - 1;

/** Rows of the first group, which readers look at first, and of each that follows. */
const FIRST_GROUP = 1_000;
const GROUP = 100_000;

/**
 * The Parquet file of records, in the given order. Columns: cell, arm, setting (of the cell, as JSON), seed, step,
 * layer (nullable), quantity, at (nullable), place (as JSON, nullable), definition, mode, value. Equal records give equal bytes.
 * @throws {DataError} where a seed or step passes 2^31 - 1, the column's range.
 */
export function encodeParquet(table: RecordTable): Uint8Array {
  const writer = new ByteWriter();
  const schema = schemaFromColumnData({ columnData: columnsOf([]) });
  const file = new ParquetWriter({ writer, schema, createdBy: 'normscope' });
  for (const rows of groupsOf(table)) void file.write({ columnData: columnsOf(rows), rowGroupSize: rows.length });
  void file.finish();
  return new Uint8Array(writer.getBuffer());
}

function* groupsOf(table: RecordTable): Generator<readonly CellRecord[]> {
  let size = FIRST_GROUP;
  let rows: CellRecord[] = [];
  for (const records of table) {
    for (const record of records) {
      rows.push(record);
      if (rows.length < size) continue;
      yield rows;
      rows = [];
      size = GROUP;
    }
  }
  if (rows.length > 0) yield rows;
}

function columnsOf(records: readonly CellRecord[]): ColumnSource[] {
  const text = memoised((place: Place) => canonicalJson(place));
  return [
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
  ];
}

function toInt32(value: number, name: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= largestInt32) return value;
  throw new DataError(`Cannot write ${name} ${value} to Parquet: it must be an integer from 0 to ${largestInt32}`);
}
