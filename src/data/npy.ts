/**
 * @file NumPy's format of one array: a header that is a Python dictionary, then the numbers.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

import { elementCount } from '../graph/tensor-type.ts';
import { DataError } from '../errors.ts';

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Uint8Array | Int32Array;
}

/** Far beyond what a diagnosis looks at; a header may claim anything. */
const MOST_NUMBERS = 2 ** 30;

/** By NumPy's name, how wide a number is and how it is read. int64 must be whole numbers below 2³¹: labels are. */
const readers = {
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, true), make: (count) => new Float32Array(count) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, true), make: (count) => new Float64Array(count) },
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at), make: (count) => new Uint8Array(count) },
  '<i4': { bytes: 4, read: (view, at) => view.getInt32(at, true), make: (count) => new Int32Array(count) },
  '<i8': { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)), make: (count) => new Int32Array(count) },
} as const satisfies Readonly<Record<string, Reader>>;

interface Reader {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  readonly make: (count: number) => NpyArray['data'];
}

/**
 * @param file - its name, for errors
 * @throws {DataError} for anything but a whole .npy file in C order with float32, float64, uint8, int32 or int64 numbers.
 */
export function decodeNpy(bytes: Uint8Array, file: string): NpyArray {
  const refuse = (what: string): DataError => new DataError(`Cannot read ${file} as .npy: ${what}`);
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw refuse(
      "it must begin with NumPy's magic; write it by numpy.save (an .npz archive holds several: save one array)",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isShort = bytes[6] === 1;
  const start = isShort ? 10 : 12;
  const end = start + (isShort ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) throw refuse('it ends inside its header; it is truncated, write it again');
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (descr === undefined || shapeText === undefined) {
    throw refuse(`its header must name 'descr' and 'shape', got ${header.slice(0, 80).trim()}`);
  }
  if (/'fortran_order':\s*True/.test(header)) {
    throw refuse('it must be in C order; write it by numpy.save(file, numpy.ascontiguousarray(x))');
  }
  const reader = Object.hasOwn(readers, descr) ? (readers as Readonly<Record<string, Reader>>)[descr] : undefined;
  if (reader === undefined) {
    throw refuse(
      `numbers must be float32, float64, uint8, int32 or int64, got '${descr}'; write it with .astype('float32')`,
    );
  }
  const shape = shapeText
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
  const count = elementCount(shape);
  if (count > MOST_NUMBERS) throw refuse(`it must hold ${MOST_NUMBERS} numbers at most, got [${shape.join(', ')}]`);
  if (bytes.length - end !== count * reader.bytes) {
    throw refuse(
      `[${shape.join(', ')}] must take ${count * reader.bytes} bytes, got ${bytes.length - end}; write it again`,
    );
  }
  const data = reader.make(count);
  for (let i = 0; i < count; i++) {
    const value = reader.read(view, end + i * reader.bytes);
    data[i] = value;
    if (data[i] !== value && !Number.isNaN(value))
      throw refuse(`numbers must be below 2³¹, got ${value} at index ${i}`);
  }
  return { shape, data };
}
