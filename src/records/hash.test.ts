import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash8, hashJson, sha256Hex } from './hash.ts';

describe('sha256Hex()', () => {
  it('gives the known answers of FIPS 180-2', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256Hex(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it("agrees with Node's on any text and any bytes", () => {
    const data = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(data, (some) => {
        expect(sha256Hex(some)).toBe(createHash('sha256').update(some).digest('hex'));
      }),
    );
  });
});

describe('hashJson()', () => {
  it('is the hash of the canonical text', () => {
    expect(hashJson({ b: 1, a: [true] })).toBe(sha256Hex('{"a":[true],"b":1}'));
    expect(hashJson({ lr: 0.1 })).not.toBe(hashJson({ lr: '0.1' }));
  });

  it('begins with hash8', () => {
    expect(hash8({ seed: 7 })).toBe(hashJson({ seed: 7 }).slice(0, 8));
    expect(hash8({ seed: 7 })).toHaveLength(8);
  });
});
