import { describe, expect, it } from 'vitest';
import { encodeMetrics } from './metrics-json.ts';
import type { CellRecord } from './record.ts';

const base = { cell: 'c0ffee00', setting: { rate: 0.1 }, arm: 'batch', seed: 3, mode: 'train' } as const;

/** Of cells in one text. */
const textOf = (...cells: readonly (readonly CellRecord[])[]): string => [...encodeMetrics(cells)].join('');

describe('encodeMetrics()', () => {
  it('is JSON with each definition once and every field of every record', () => {
    const records: CellRecord[] = [
      { ...base, step: 0, quantity: 'loss', value: 2.3, definition: 'long "sentence"' },
      { ...base, step: 1, quantity: 'ray', value: Number.POSITIVE_INFINITY, layer: 'fc', at: -0, definition: 'b' },
      { ...base, step: 2, quantity: 'loss', value: Number.NaN, definition: 'long "sentence"' },
    ];
    expect(JSON.parse(textOf(records))).toStrictEqual({
      definitions: ['long "sentence"', 'b'],
      records: [
        { ...base, step: 0, quantity: 'loss', value: 2.3, definition: 0 },
        { ...base, step: 1, quantity: 'ray', layer: 'fc', at: -0, value: 'Infinity', definition: 1 },
        { ...base, step: 2, quantity: 'loss', value: 'NaN', definition: 0 },
      ],
    });
  });

  it('is one list of the records of several cells, with definitions that they share', () => {
    const cell = (definition: string): CellRecord => ({ ...base, step: 0, quantity: 'loss', value: 1, definition });
    const read = JSON.parse(textOf([cell('a'), cell('b')], [], [cell('b'), cell('c'), cell('a')]));
    expect(read.definitions).toEqual(['a', 'b', 'c']);
    expect(read.records.map(({ definition }: { readonly definition: number }) => definition)).toEqual([0, 1, 1, 2, 0]);
  });

  it('is JSON also without a record', () => {
    expect(JSON.parse(textOf([]))).toEqual({ definitions: [], records: [] });
  });
});
