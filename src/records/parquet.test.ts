import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { encodeParquet } from './parquet.ts';
import type { CellRecord } from './record.ts';

const base = { cell: 'c0ffee00', setting: {}, arm: 'batch', seed: 3, mode: 'train' } as const;
const records: CellRecord[] = [
  { ...base, step: 0, quantity: 'loss', value: 2.302585092994046, definition: 'mean, in nats — über alles' },
  { ...base, step: 5, quantity: 'ray-loss', value: Number.NaN, layer: 'conv1', at: 0.5, definition: 'b' },
  { ...base, step: 5, quantity: 'ray-loss', value: Number.NEGATIVE_INFINITY, at: 0, definition: 'b', mode: 'frozen' },
  { ...base, step: 2 ** 31 - 1, quantity: 'ray-loss', value: -0, layer: '', at: -0, definition: 'b', arm: 'none' },
];

/** As bytes in memory of their own, which the reader asks for. */
function toBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

describe('encodeParquet()', () => {
  it('reads back as the same rows', async () => {
    const rows = await parquetReadObjects({ file: toBuffer(encodeParquet([records])) });
    expect(rows).toEqual(
      records.map(({ layer = null, at = null, setting, place, ...rest }) => ({
        ...rest,
        layer,
        at,
        setting: JSON.stringify(setting),
        place: place === undefined ? null : JSON.stringify(place),
      })),
    );
    expect(rows.map((row) => Object.is(row['value'], -0))).toEqual([false, false, false, true]);
  });

  it('has the columns of the long format, in this order, also when there is no record', () => {
    for (const list of [records, []]) {
      const metadata = parquetMetadata(toBuffer(encodeParquet([list])));
      const columns = parquetSchema(metadata).children.map(({ element }) => [element.name, element.type]);
      expect(Number(metadata.num_rows)).toBe(list.length);
      expect(columns).toEqual([
        ['cell', 'BYTE_ARRAY'],
        ['arm', 'BYTE_ARRAY'],
        ['setting', 'BYTE_ARRAY'],
        ['seed', 'INT32'],
        ['step', 'INT32'],
        ['layer', 'BYTE_ARRAY'],
        ['quantity', 'BYTE_ARRAY'],
        ['at', 'DOUBLE'],
        ['place', 'BYTE_ARRAY'],
        ['definition', 'BYTE_ARRAY'],
        ['mode', 'BYTE_ARRAY'],
        ['value', 'DOUBLE'],
      ]);
    }
  });

  it('has the rows of several cells one after the other, in groups that readers can skip', async () => {
    const cells = [2, 0, 1500].map((count, seed) =>
      Array.from({ length: count }, (_, step): CellRecord => {
        return { ...base, seed, step, quantity: 'loss', value: step, definition: 'd' };
      }),
    );
    const file = toBuffer(encodeParquet(cells));
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([1000, 502]);
    const rows = await parquetReadObjects({ file });
    expect(rows.map(({ seed, step }) => [seed, step])).toEqual(cells.flat().map(({ seed, step }) => [seed, step]));
  });

  it('stores a long definition once, not once per record', () => {
    const definition = 'a very long sentence '.repeat(50);
    const many = Array.from({ length: 3000 }, (_, step) => ({ ...base, step, quantity: 'q', value: step, definition }));
    expect(encodeParquet([many]).length).toBeLessThan(100_000);
  });

  it('gives the same bytes twice', () => {
    expect(encodeParquet([records])).toEqual(encodeParquet([records]));
  });

  it('refuses a seed or step that its column cannot hold', () => {
    const [first] = records;
    if (first === undefined) throw new Error('no record');
    expect(() => encodeParquet([[{ ...first, seed: 2 ** 31 }]])).toThrow(DataError);
    expect(() => encodeParquet([[{ ...first, step: 0.5 }]])).toThrow(DataError);
  });
});
