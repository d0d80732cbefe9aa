import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { decodeCifarBinary } from './cifar-binary.ts';

const form = { classes: 10, shape: [3, 1, 2] as const };

describe('decodeCifarBinary()', () => {
  it('takes labels and planes from the records of all files in order', () => {
    const first = Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 0, 11, 12, 13, 14, 15, 16);
    const second = Uint8Array.of(3, 21, 22, 23, 24, 25, 26);
    const { images, labels, count } = decodeCifarBinary([first, second], form);
    expect(count).toBe(3);
    expect([...labels]).toEqual([9, 0, 3]);
    expect([...images]).toEqual([1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26]);
  });

  it('throws on a truncated file and on a label that names no class', () => {
    expect(() => decodeCifarBinary([new Uint8Array(13)], form)).toThrow(/whole records of 7 bytes, got 13 bytes/);
    expect(() => decodeCifarBinary([new Uint8Array(0)], form)).toThrow(DataError);
    expect(() => decodeCifarBinary([Uint8Array.of(10, 0, 0, 0, 0, 0, 0)], form)).toThrow(
      /below 10, got 10 for example 0/,
    );
  });
});
