/** @file Records as one JSON file, for readers without Parquet. */
import type { CellRecord, Place } from './record.ts';
import { encodeNumber } from './record-lines.ts';

/**
 * The text of `metrics.json`: `{"definitions": [...], "records": [...]}`, one record per line, in the given order. A
 * record's `definition` is a place in `definitions`; NaN and the infinities are the strings "NaN", "Infinity", "-Infinity".
 */
export function encodeMetrics(records: readonly CellRecord[]): string {
  const numbers = new Map<string, number>();
  const lines = records.map((record) => {
    const definition = numbers.get(record.definition) ?? numbers.size;
    numbers.set(record.definition, definition);
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
  });
  const definitions = [...numbers.keys()].map((text) => JSON.stringify(text));
  return `{"definitions":[\n${definitions.join(',\n')}\n],"records":[\n${lines.join(',\n')}\n]}\n`;
}

function placed(place: Place | undefined): Place | undefined {
  return place === undefined || Object.keys(place).length === 0 ? undefined : place;
}

function field(key: string, value: string | number | Place | undefined): string {
  return value === undefined ? '' : `"${key}":${JSON.stringify(value)}`;
}
