import { describe, expect, it } from 'vitest';
import { decodeNpy } from './npy.ts';
import { npyExamples } from './npy-examples.ts';

/** A file as numpy.save (2.4.6) writes it: what it says of the array, and the array's bytes. */
function npy(dictionary: string, base64: string): Uint8Array {
  const header = `${dictionary.padEnd(117)}\n`;
  const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0);
  return Uint8Array.from([...start, ...new TextEncoder().encode(header), ...Buffer.from(base64, 'base64')]);
}

const about = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`;

describe('decodeNpy()', () => {
  it.each([
    ['float32', about('<f4', '2, 3'), 'AAAAAAAAgD4AAAA/AABAPwAAgD8AAKA/', [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]],
    ['float64', about('<f8', '2,'), 'AAAAAAAA+D8AAAAAAAACwA==', [2], [1.5, -2.25]],
    ['uint8', about('|u1', '1, 3'), 'AID/', [1, 3], [0, 128, 255]],
    ['int64', about('<i8', '3,'), 'AwAAAAAAAAAAAAAAAAAAAP///38AAAAA', [3], [3, 0, 2_147_483_647]],
  ])('reads %s as NumPy wrote it', (_, dictionary, base64, shape, numbers) => {
    const { shape: read, data } = decodeNpy(npy(dictionary, base64), 'x.npy');
    expect(read).toEqual(shape);
    expect([...data]).toEqual(numbers);
  });

  it.each([
    ['another file', Uint8Array.from({ length: 40 }, (_, i) => i), /magic; write it by numpy\.save/],
    ['half precision', npy(about('<f2', '1,'), 'ADw='), /got '<f2'; write it with \.astype/],
    ['Fortran order', npy(about('<f4', '2, 2', 'True'), 'AACAPwAAgD8AAIA/AACAPw=='), /ascontiguousarray/],
    ['labels that no class has', npy(about('<i8', '1,'), 'AAAAgAAAAAA='), /below 2³¹, got 2147483648 at index 0/],
    ['fewer bytes than it says', npy(about('<f4', '9,'), 'AAAAAA=='), /\[9\] must take 36 bytes, got 4/],
    ['a size beyond all memory', npy(about('<f4', '999999999999,'), 'AAAAAA=='), /numbers at most/],
    ['a header that is cut off', npy(about('<f4', '1,'), 'AAAAAA==').subarray(0, 60), /ends inside its header/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeNpy(bytes, 'x.npy')).toThrow(message);
    expect(() => decodeNpy(bytes, 'x.npy')).toThrow(expect.objectContaining({ name: 'DataError' }));
  });
});

describe('npyExamples()', () => {
  const labels = { shape: [2], data: Int32Array.of(0, 4) };

  it('turns images whose channels are last, and takes uint8 for pixels', () => {
    const data = Uint8Array.from({ length: 2 * 4 * 5 * 3 }, (_, i) => i);
    const examples = npyExamples({ shape: [2, 4, 5, 3], data }, labels, 'x.npy');
    expect(examples).toMatchObject({ shape: [3, 4, 5], classes: 5, isPixels: true, count: 2 });
    // Channel 1 of row 2, column 3 of the second image.
    expect(examples.x[60 + 20 + 2 * 5 + 3]).toBe(60 + (2 * 5 + 3) * 3 + 1);
  });

  it.each([
    [
      'labels of another count',
      { shape: [3], data: Int32Array.of(0, 1, 2) },
      /one label per example, \[2\], got \[3\]/,
    ],
    ['one-hot rows', { shape: [2, 5], data: new Float32Array(10) }, /save y\.argmax\(1\)/],
    ['a label below 0', { shape: [2], data: Int32Array.of(-1, 1) }, /Labels must lie in 0 … 1, got -1/],
  ])('refuses %s', (_, y, message) => {
    expect(() => npyExamples({ shape: [2, 7], data: new Float32Array(14) }, y, 'x.npy')).toThrow(message);
  });

  it('refuses numbers that are none', () => {
    const data = new Float32Array(14).fill(Number.NaN, 3, 4);
    expect(() => npyExamples({ shape: [2, 7], data }, labels, 'x.npy')).toThrow(/must be finite, got NaN at index 3/);
  });
});
