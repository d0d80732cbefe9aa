import { describe, expect, it } from 'vitest';
import { philox4x32 } from './philox.ts';

type Words = [number, number, number, number];

function block(counter: Words, key: [number, number]): number[] {
  const out = new Uint32Array(4);
  philox4x32(out, ...counter, ...key);
  return [...out];
}

/** The definition of salmon2011 in 64-bit integers, sharing nothing with the fast form. */
function definition(counter: Words, key: [number, number]): number[] {
  const word = 0xffffffffn;
  let [x0, x1, x2, x3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (let round = 0n; round < 10n; round++) {
    const k0 = (BigInt(key[0]) + round * 0x9e3779b9n) & word;
    const k1 = (BigInt(key[1]) + round * 0xbb67ae85n) & word;
    const [p0, p1] = [x0 * 0xd2511f53n, x2 * 0xcd9e8d57n];
    [x0, x1, x2, x3] = [(p1 >> 32n) ^ x1 ^ k0, p1 & word, (p0 >> 32n) ^ x3 ^ k1, p0 & word];
  }
  return [x0, x1, x2, x3].map(Number);
}

describe('philox4x32()', () => {
  // Random123's kat_vectors, the lines "philox4x32 10".
  it.each<[string, Words, [number, number], Words]>([
    ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [
      'ones',
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      'the digits of pi',
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('gives the published answer for %s', (_, counter, key, expected) => {
    expect(block(counter, key)).toEqual(expected);
  });

  it('equals its definition in 64-bit integers at the edges of the halves and at scattered points', () => {
    const edges = [0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
    for (const a of edges) {
      for (const b of edges) {
        expect(block([a, 5, b, 7], [b, a])).toEqual(definition([a, 5, b, 7], [b, a]));
      }
    }
    for (let i = 1; i <= 500; i++) {
      const scattered = [1, 3, 5, 7].map((odd) => Math.imul(i * odd, 0x85ebca6b) >>> 0) as Words;
      expect(block(scattered, [i, ~i >>> 0])).toEqual(definition(scattered, [i, ~i >>> 0]));
    }
  });
});
