/** @file Constants of a graph as the little-endian raw bytes of an ONNX tensor. */

import type { DType } from '../graph/tensor-type.ts';

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
