import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import type { StoredTensor } from './safetensors.ts';

const tensors: ReadonlyMap<string, StoredTensor> = new Map<string, StoredTensor>([
  ['odd', { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 255) }],
  ['weight', { dtype: 'float32', shape: [1, 3, 2], data: Float32Array.of(0.1, -0, Number.NaN, Infinity, 1e-45, 7) }],
  ['10', { dtype: 'int32', shape: [], data: Int32Array.of(-5) }],
  ['2', { dtype: 'int32', shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) }],
  ['step', { dtype: 'int64', shape: [1], data: BigInt64Array.of(-(2n ** 63n)) }],
  ['mean "é"', { dtype: 'float64', shape: [2], data: Float64Array.of(Math.PI, 5e-324) }],
  ['none', { dtype: 'float32', shape: [0, 4], data: new Float32Array() }],
]);

/** A file of a given header and data: the format by hand. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

const f32 = (start: number, end: number, shape = [(end - start) / 4]): unknown => ({
  dtype: 'F32',
  shape,
  data_offsets: [start, end],
});

describe('encodeSafetensors()', () => {
  it('gives these bytes: length, padded header, data', () => {
    const bytes = encodeSafetensors(
      new Map<string, StoredTensor>([
        ['b', { dtype: 'uint8', shape: [1], data: Uint8Array.of(9) }],
        ['a', { dtype: 'int32', shape: [1], data: Int32Array.of(258) }],
      ]),
      { z: 'last', format: 'pt' },
    );
    const header =
      '{"__metadata__":{"format":"pt","z":"last"},"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},' +
      '"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}';
    const padded = header.padEnd(152, ' ');
    expect(header.length).toBeGreaterThan(144);
    expect(Buffer.from(bytes).toString('latin1')).toBe(`\x98\0\0\0\0\0\0\0${padded}\x02\x01\0\0\x09`);
  });

  it('orders by dtype and name, whatever the order of the map, and aligns every tensor', () => {
    const bytes = encodeSafetensors(tensors, { b: '1', a: '2' });
    expect(encodeSafetensors(new Map([...tensors].reverse()), { a: '2', b: '1' })).toEqual(bytes);
    expect([...decodeSafetensors(bytes).tensors.keys()]).toEqual([
      'step',
      'mean "é"',
      'none',
      'weight',
      '10',
      '2',
      'odd',
    ]);
    const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    expect(headerLength % 8).toBe(0);
    const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerLength)).toString());
    for (const [name, { dtype, data }] of tensors) {
      expect(header[name].data_offsets[0] % data.BYTES_PER_ELEMENT, `${name} ${dtype}`).toBe(0);
    }
  });

  it('refuses a shape that does not fit, and the reserved name', () => {
    const data = new Float32Array(5);
    expect(() => encodeSafetensors(new Map([['w', { dtype: 'float32', shape: [2, 3], data }]]))).toThrow(DataError);
    expect(() => encodeSafetensors(new Map([['__metadata__', { dtype: 'float32', shape: [5], data }]]))).toThrow(
      DataError,
    );
  });
});

describe('decodeSafetensors()', () => {
  it('reads back every dtype bit by bit, from any place in memory', () => {
    const bytes = encodeSafetensors(tensors, { note: 'é' });
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    for (const source of [bytes, shifted, Buffer.from(bytes)]) {
      const { tensors: read, metadata } = decodeSafetensors(source);
      expect(Object.fromEntries(read)).toStrictEqual(Object.fromEntries(tensors));
      expect(metadata).toEqual({ note: 'é' });
    }
  });

  it('gives copies', () => {
    const bytes = Buffer.from(encodeSafetensors(tensors));
    const before = decodeSafetensors(bytes).tensors.get('odd')?.data[2];
    const { tensors: read } = decodeSafetensors(bytes);
    bytes.fill(0);
    expect(read.get('odd')?.data[2]).toBe(before);
  });

  it('reads a header that is not padded', () => {
    const data = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    expect(decodeSafetensors(file({ w: f32(0, 8) }, data)).tensors.get('w')).toEqual({
      dtype: 'float32',
      shape: [2],
      data: Float32Array.of(1.5, -2),
    });
  });

  it('rejects a file cut at any byte, or with one too many', () => {
    const bytes = encodeSafetensors(tensors, { a: 'b' });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length), 'x.safetensors'), `${length} bytes`).toThrow(DataError);
    }
    expect(() => decodeSafetensors(Buffer.concat([bytes, Uint8Array.of(0)]))).toThrow(DataError);
  });

  const sixteen = new Uint8Array(16);
  it.each([
    ['overlapping tensors', file({ a: f32(0, 12), b: f32(8, 16) }, sixteen), "'b' begins at 8 where 12 is next"],
    ['a gap', file({ a: f32(0, 4), b: f32(8, 16) }, sixteen), "'b' begins at 8 where 4 is next"],
    ['a shape that does not fit', file({ a: f32(0, 16, [5]) }, sixteen), 'its shape 20'],
    ['an end before the start', file({ a: f32(0, 16), b: f32(16, 8, [0]) }, sixteen), DataError],
    ['an unknown dtype', file({ a: { dtype: 'BF16', shape: [8], data_offsets: [0, 16] } }, sixteen), 'dtype'],
    ['metadata that are not text', file({ __metadata__: { a: 1 } }), '__metadata__'],
    ['a header that is not JSON', file('{"a":'), 'not JSON'],
    ['a header that is a list', file('[]'), DataError],
    ['zeros, as after a power cut', new Uint8Array(64), 'not JSON'],
    ['an absurd header length', Buffer.alloc(64, 255), 'its header would have'],
  ])('rejects %s', (_what, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow(DataError);
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow(message);
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow('x.safetensors');
  });
});
