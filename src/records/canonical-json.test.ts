import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson()', () => {
  it('sorts keys at every depth and keeps the order of arrays', () => {
    expect(canonicalJson({ b: [3, 1, { z: null, a: true }], a: 'é"' })).toBe(
      '{"a":"é\\"","b":[3,1,{"a":true,"z":null}]}',
    );
  });

  it('reads back as the same value, for any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        // JSON itself turns -0 into 0; the reference goes through it too.
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order in which keys were set', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });

  it.each([
    ['undefined', { a: { b: undefined } }, '$.a.b'],
    ['NaN', { lr: [1, Number.NaN] }, '$.lr[1]'],
    ['infinity', [Number.NEGATIVE_INFINITY], '$[0]'],
    ['a function', { f: () => 1 }, '$.f'],
    ['a bigint', { n: 3n }, '$.n'],
    ['a date', { when: new Date(0) }, '$.when'],
    ['a map', new Map(), '$'],
    ['a typed array', { data: new Float32Array(3) }, '$.data'],
    ['a hole', { list: new Array(2) }, '$.list[0]'],
  ])('rejects %s and names the place', (_what, value, place) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
    expect(() => canonicalJson(value)).toThrow(`Cannot write ${place} as canonical JSON`);
  });

  it('rejects a cycle but not one object in two places', () => {
    const shared = { x: 1 };
    expect(canonicalJson([shared, shared])).toBe('[{"x":1},{"x":1}]');
    const loop: Record<string, unknown> = {};
    loop['self'] = { loop };
    expect(() => canonicalJson(loop)).toThrow('a cycle');
  });
});
