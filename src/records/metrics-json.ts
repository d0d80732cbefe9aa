/** @file Records as one JSON file, for readers without Parquet. */
import type { CellRecord, Place, RecordTable } from './record.ts';
import { encodeNumber } from './record-lines.ts';

/**
 * The text of `metrics.json`, in pieces: `{"definitions": [...], "records": [...]}`, one record per line, in the given order. A
 * record's `definition` is a place in `definitions`; NaN and the infinities are the strings "NaN", "Infinity", "-Infinity".
 */
export function* encodeMetrics(table: RecordTable): Generator<string> {
  const numbers = new Map<string, number>();
  for (const records of table) {
    for (const { definition } of records) if (!numbers.has(definition)) numbers.set(definition, numbers.size);
  }
  const definitions = [...numbers.keys()].map((text) => JSON.stringify(text));
  yield `{"definitions":[\n${definitions.join(',\n')}\n],"records":[`;
  let separator = '\n';
  for (const records of table) {
    for (const record of records) {
      yield `${separator}${recordLine(record, numbers.get(record.definition))}`;
      separator = ',\n';
    }
  }
  yield '\n]}\n';
}

function recordLine(record: CellRecord, definition: number | undefined): string {
  const { cell, arm, setting, seed, step, quantity, layer, at, place, value, mode } = record;
  const fields = [
    ...Object.entries({ cell, arm, setting: placed(setting), seed, step, quantity, layer }).map(([key, item]) =>
      field(key, item),
    ),
    at === undefined ? '' : `"at":${encodeNumber(at)}`,
    field('place', placed(place)),
    `"value":${encodeNumber(value)}`,
    field('mode', mode),
    field('definition', definition),
  ];
  return `{${fields.filter((text) => text !== '').join(',')}}`;
}

function placed(place: Place | undefined): Place | undefined {
  return place === undefined || Object.keys(place).length === 0 ? undefined : place;
}

function field(key: string, value: string | number | Place | undefined): string {
  return value === undefined ? '' : `"${key}":${JSON.stringify(value)}`;
}
