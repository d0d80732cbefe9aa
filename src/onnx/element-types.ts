/** @file Element types of ONNX: their names, their sizes, in which field of a tensor they may stand, and how they are read. */

import type { TensorProto } from './generated/onnx_pb.ts';
import { widenBfloat16, widenFloat16 } from './half-floats.ts';
import type { OnnxNumbers, OnnxType } from './model.ts';

/** Fields of a tensor that hold one number per entry, instead of bytes. */
const fields = ['floatData', 'int32Data', 'int64Data', 'doubleData', 'uint64Data'] as const;
type Field = (typeof fields)[number];

/** How numbers of a type are stored. */
export interface Storage {
  readonly bytesPerElement: number;
  readonly field: Field;
  /** Of little-endian bytes whose place in their buffer is a multiple of `bytesPerElement`: a view where one can be had. */
  readonly fromBytes: (bytes: Uint8Array) => OnnxNumbers;
  readonly fromField: (tensor: TensorProto) => OnnxNumbers;
}

interface ViewConstructor<T extends OnnxNumbers> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

function view<T extends OnnxNumbers>(Numbers: ViewConstructor<T>, bytes: Uint8Array): T {
  return new Numbers(bytes.buffer, bytes.byteOffset, bytes.byteLength / Numbers.BYTES_PER_ELEMENT);
}

/** By ONNX's numbers for types (TensorProto.DataType). */
const storages: Readonly<Record<number, Storage>> = {
  1: {
    bytesPerElement: 4,
    field: 'floatData',
    fromBytes: (bytes) => view(Float32Array, bytes),
    fromField: ({ floatData }) => Float32Array.from(floatData),
  },
  2: {
    bytesPerElement: 1,
    field: 'int32Data',
    fromBytes: (bytes) => view(Uint8Array, bytes),
    fromField: ({ int32Data }) => Uint8Array.from(int32Data),
  },
  3: {
    bytesPerElement: 1,
    field: 'int32Data',
    fromBytes: (bytes) => view(Int8Array, bytes),
    fromField: ({ int32Data }) => Int8Array.from(int32Data),
  },
  4: {
    bytesPerElement: 2,
    field: 'int32Data',
    fromBytes: (bytes) => view(Uint16Array, bytes),
    fromField: ({ int32Data }) => Uint16Array.from(int32Data),
  },
  5: {
    bytesPerElement: 2,
    field: 'int32Data',
    fromBytes: (bytes) => view(Int16Array, bytes),
    fromField: ({ int32Data }) => Int16Array.from(int32Data),
  },
  6: {
    bytesPerElement: 4,
    field: 'int32Data',
    fromBytes: (bytes) => view(Int32Array, bytes),
    fromField: ({ int32Data }) => Int32Array.from(int32Data),
  },
  7: {
    bytesPerElement: 8,
    field: 'int64Data',
    fromBytes: (bytes) => view(BigInt64Array, bytes),
    fromField: ({ int64Data }) => BigInt64Array.from(int64Data),
  },
  9: {
    bytesPerElement: 1,
    field: 'int32Data',
    fromBytes: (bytes) => view(Uint8Array, bytes),
    fromField: ({ int32Data }) => Uint8Array.from(int32Data, Number),
  },
  10: {
    bytesPerElement: 2,
    field: 'int32Data',
    fromBytes: (bytes) => widenFloat16(view(Uint16Array, bytes)),
    fromField: ({ int32Data }) => widenFloat16(Uint16Array.from(int32Data)),
  },
  11: {
    bytesPerElement: 8,
    field: 'doubleData',
    fromBytes: (bytes) => view(Float64Array, bytes),
    fromField: ({ doubleData }) => Float64Array.from(doubleData),
  },
  12: {
    bytesPerElement: 4,
    field: 'uint64Data',
    fromBytes: (bytes) => view(Uint32Array, bytes),
    fromField: ({ uint64Data }) => Uint32Array.from(uint64Data, Number),
  },
  13: {
    bytesPerElement: 8,
    field: 'uint64Data',
    fromBytes: (bytes) => view(BigUint64Array, bytes),
    fromField: ({ uint64Data }) => BigUint64Array.from(uint64Data),
  },
  16: {
    bytesPerElement: 2,
    field: 'int32Data',
    fromBytes: (bytes) => widenBfloat16(view(Uint16Array, bytes)),
    fromField: ({ int32Data }) => widenBfloat16(Uint16Array.from(int32Data)),
  },
};

/** ONNX's names for its types, at their numbers; `undefined` is a number of its own there. */
const names: readonly (OnnxType | undefined)[] = [
  undefined,
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
];

/** The name behind a number; undefined where the file says none, or one that ONNX did not have up to opset 23. */
export function typeName(code: number): OnnxType | undefined {
  return names[code];
}

/** How a type is stored; undefined for text, complex numbers, and floats and integers of less than 8 bits. */
export function storageOf(code: number): Storage | undefined {
  return storages[code];
}

/** Whether a tensor's numbers stand in a field that is none of its type's. */
export function hasForeignField(tensor: TensorProto, own: Field): boolean {
  return fields.some((field) => field !== own && tensor[field].length > 0);
}
