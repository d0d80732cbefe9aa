import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { syntheticDataset } from '../data/synthetic.ts';
import type { Dataset } from '../data/dataset.ts';
import { DataError } from '../errors.ts';
import { decodeDataset, encodeDataset, payloadOf } from './dataset-file.ts';

const dataset = syntheticDataset({ classes: 3, shape: [2, 5, 3], count: 7, seed: 4 });
const file = encodeDataset(dataset);
const headerEnd = 12 + new DataView(file.buffer).getUint32(8, true);

/** The file of a header and a payload, written without the functions under test. */
function written(header: unknown, payload: Uint8Array): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from('NORMDATA'), length, text, payload]);
}

const header = JSON.parse(Buffer.from(file.subarray(12, headerEnd)).toString()) as Record<string, unknown>;
const payload = file.subarray(headerEnd);

describe('encodeDataset()', () => {
  it('writes what decodeDataset reads back', () => {
    expect(decodeDataset(file)).toEqual(dataset);
  });

  it('lays images and labels one behind the other, with their checksum', () => {
    const { train, test } = dataset;
    const parts = [train.images, train.labels, test.images, test.labels];
    expect(Buffer.concat(parts).equals(payload)).toBe(true);
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    expect(header.payload).toBe(hash.digest('hex'));
    expect([header.train, header.test]).toEqual([7, 7]);
  });

  it('keeps any counts, forms and pixels', () => {
    const splitOf = (count: number, pixels: number, classes: number) =>
      fc.record({
        images: fc.uint8Array({ minLength: count * pixels, maxLength: count * pixels }),
        labels: fc
          .array(fc.nat(classes - 1), { minLength: count, maxLength: count })
          .map((all) => Uint8Array.from(all)),
        count: fc.constant(count),
      });
    const size = fc.integer({ min: 1, max: 4 });
    const any: fc.Arbitrary<Dataset> = fc
      .tuple(size, size, size, fc.integer({ min: 1, max: 256 }), size, size)
      .chain(([C, H, W, classes, train, test]) =>
        fc.record({
          name: fc.constant('synthetic' as const),
          classes: fc.constant(classes),
          shape: fc.constant([C, H, W] as const),
          train: splitOf(train, C * H * W, classes),
          test: splitOf(test, C * H * W, classes),
          mean: fc.array(fc.constantFrom(0, 0.286, -1.5), { minLength: C, maxLength: C }),
          std: fc.array(fc.constantFrom(1, 0.353), { minLength: C, maxLength: C }),
          checksum: fc.string(),
          source: fc.string({ unit: 'grapheme' }),
        }),
      );
    fc.assert(
      fc.property(any, (one) => {
        expect(decodeDataset(encodeDataset(one))).toEqual(one);
      }),
      { numRuns: 60 },
    );
  });
});

describe('decodeDataset()', () => {
  /** What is said to a file that is refused as it should be. */
  const refusal = (bytes: Uint8Array): string => {
    try {
      decodeDataset(bytes);
    } catch (error) {
      if (error instanceof DataError) return error.message;
      throw error;
    }
    return 'taken';
  };

  it('refuses files of other kinds', () => {
    expect(refusal(new Uint8Array(0))).toMatch(/must begin with the letters NORMDATA, got an empty file/);
    expect(refusal(Buffer.from('PK\u0003\u0004 an archive'))).toMatch(/NORMDATA, got the bytes 50 4b 03 04/);
    expect(refusal(Buffer.from('<!doctype html>'))).toMatch(/NORMDATA, got '<!doctyp'/);
    expect(refusal(gzipSync(file))).toMatch(/got a gzip file; decompress it first/);
  });

  it('refuses a file that ends early, wherever it ends', () => {
    for (let length = 8; length < file.length; length++) {
      const message = length < headerEnd ? /whole header, got .* bytes; it is truncated/ : /must take \d+ bytes, got/;
      expect(refusal(file.subarray(0, length))).toMatch(message);
    }
    expect(refusal(Buffer.concat([file, Buffer.of(0)]))).toMatch(/must take 434 bytes, got 435/);
  });

  it('refuses changed bytes', () => {
    const at = fc.integer({ min: headerEnd, max: file.length - 1 });
    fc.assert(
      fc.property(at, fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = file.map((byte, i) => (i === place ? byte ^ change : byte));
        expect(refusal(changed)).toMatch(/SHA-256 of its images and labels must be/);
      }),
    );
  });

  it('reads a header with a changed byte as a data set of the same bytes, or refuses it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: headerEnd - 1 }), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = file.map((byte, i) => (i === place ? byte ^ change : byte));
        const said = refusal(changed);
        const found = said === 'taken' ? decodeDataset(changed) : dataset;
        expect(payloadOf(found)).toEqual(payload);
        // Fewer classes than its labels name are told by the labels.
        expect(said).toMatch(/^(taken|Cannot (read the data set's file|decode the labels): .*)$/s);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses headers that are no JSON, of another version, or with a wrong field', () => {
    expect(refusal(written('{"version":', payload))).toMatch(/header must be JSON in UTF-8/);
    expect(refusal(written('null', payload))).toMatch(/header must be an object, got null/);
    const wrong: readonly (readonly [string, unknown, RegExp])[] = [
      ['version', 2, /version must be 1, got 2; write it with this normscope/],
      ['name', 'toString', /'name' must be a data set's, or 'synthetic', got "toString"/],
      ['classes', 0, /'classes' must be an integer from 1 to 256, got 0/],
      ['classes', 257, /'classes' must/],
      ['shape', [2, 5], /'shape' must be three sizes, got \[2,5\]/],
      ['shape', [2, 5, -3], /'shape' must/],
      ['mean', [0.5], /'mean' must be one number for each channel, got \[0.5\]/],
      ['std', [1, 0], /'std' must be one positive number/],
      ['checksum', 5, /'checksum' must be a text, got 5/],
      ['source', undefined, /'source' must be a text, got undefined/],
      ['train', 0.5, /'train' must be a number of images, got 0.5/],
      ['test', 2 ** 40, /'test' must be a number of images/],
      ['payload', 'abc', /'payload' must be 64 hexadecimal digits/],
      ['train', 8, /must take 465 bytes, got 434/],
    ];
    for (const [field, value, message] of wrong)
      expect(refusal(written({ ...header, [field]: value }, payload))).toMatch(message);
  });

  it('refuses labels beyond the classes', () => {
    expect(refusal(written({ ...header, classes: 2 }, payload))).toMatch(/each must be below 2, got 2 for example 2/);
  });

  it('refuses a data set whose checksum is of other bytes', () => {
    expect(refusal(written({ ...header, name: 'mnist', checksum: '0'.repeat(64) }, payload))).toMatch(
      /field 'checksum' must be [0-9a-f]{64}, got 0{64}/,
    );
    expect(decodeDataset(written({ ...header, name: 'mnist', checksum: header.payload }, payload)).name).toBe('mnist');
  });
});
