/** @file Element types as ONNX numbers them, and tensors as its little-endian raw bytes. */

import { type DType, typeCodes } from '../graph/tensor-type.ts';

export function dtypeOf(code: number): DType | undefined {
  return (Object.keys(typeCodes) as DType[]).find((dtype) => typeCodes[dtype] === code);
}

/** Bytes per element. */
export function elementBytes(dtype: DType): number {
  return toTypedArray(dtype, [0]).byteLength;
}

export function encodeElements(dtype: DType, data: readonly number[]): Uint8Array {
  const elements = toTypedArray(dtype, data);
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}

function toTypedArray(dtype: DType, data: readonly number[]): ArrayBufferView {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(data);
    case 'float64':
      return Float64Array.from(data);
    case 'int32':
      return Int32Array.from(data);
    case 'int64':
      return BigInt64Array.from(data.map(BigInt));
    case 'bool':
      return Uint8Array.from(data);
  }
}

/** The numbers behind raw bytes; int64 beyond 2^53 would lose digits, and shapes never come near. */
export function decodeElements(dtype: DType, bytes: Uint8Array): readonly number[] {
  const aligned = bytes.slice().buffer;
  switch (dtype) {
    case 'float32':
      return [...new Float32Array(aligned)];
    case 'float64':
      return [...new Float64Array(aligned)];
    case 'int32':
      return [...new Int32Array(aligned)];
    case 'int64':
      return [...new BigInt64Array(aligned)].map(Number);
    case 'bool':
      return [...new Uint8Array(aligned)];
  }
}
