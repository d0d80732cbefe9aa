import { describe, expect, it } from 'vitest';
import { columns, formatBytes } from './plain-text.ts';

describe('columns', () => {
  it('are as wide as their longest cell, with nothing behind the last', () => {
    expect(
      columns([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
        ['', '', 'ccc'],
      ]),
    ).toBe('a    bb  c\naaa  b\n         ccc');
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [999_499, '999 kB'],
    [999_950, '1.00 MB'],
    [184_380_000, '184 MB'],
    [25.3e9, '25.3 GB'],
    [3e15, '3.00e+3 TB'],
  ])('says %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
