import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { cifarRecordsOfPng } from './cifar-png.ts';

// Three images of two pixels: one per row, R G B R G B.
const data = Uint8Array.from({ length: 18 }, (_, i) => 10 * i);
const png = encode({ width: 2, height: 3, data, channels: 3, depth: 8 });

describe('cifarRecordsOfPng()', () => {
  it('writes label, red plane, green plane, blue plane for every row', () => {
    const records = [
      [7, 0, 30, 10, 40, 20, 50],
      [0, 60, 90, 70, 100, 80, 110],
      [9, 120, 150, 130, 160, 140, 170],
    ];
    expect([...cifarRecordsOfPng(png, [7, 0, 9], 2)]).toEqual(records.flat());
  });

  it('throws on every PNG that is truncated before the last checksum, behind which there is nothing', () => {
    for (let length = 0; length < png.length - 4; length++) {
      expect(() => cifarRecordsOfPng(png.subarray(0, length), [7, 0, 9], 2)).toThrow(DataError);
    }
  });

  it('throws on a PNG that does not fit the labels or the pixels', () => {
    expect(() => cifarRecordsOfPng(png, [7, 0], 2)).toThrow(/must be 2 × 2 pixels of 3 channels.*got 2 × 3/);
    expect(() => cifarRecordsOfPng(png, [7, 0, 9], 4)).toThrow(DataError);
    const grey = encode({ width: 2, height: 3, data: data.subarray(0, 6), channels: 1, depth: 8 });
    expect(() => cifarRecordsOfPng(grey, [7, 0, 9], 2)).toThrow(/got 2 × 3 of 1/);
  });
});
