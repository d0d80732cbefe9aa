/** @file The memory of a GPU: what is stored stays there from step to step, and comes to the processor only when it is read. */

import type { Tensor } from 'onnxruntime-common';
import { type DType, elementCount, type Shape } from '../../graph/tensor-type.ts';
import { need } from '../../errors.ts';
import type { Memory } from '../memory.ts';
import { allocate } from '../tensor-data.ts';
import type { Gpu, GpuBuffer } from './gpu.ts';

/** WebGPU's own numbers. */
const USE = { mapRead: 1, copySource: 4, copyTarget: 8, storage: 128 } as const;
const MAP_READ = 1;

/**
 * Bytes: ONNX Runtime's kernels read and write four numbers at once, also the last of a tensor that has not so many. Buffers that
 * end with the tensor give wrong numbers there, without a word.
 */
const GRAIN = 16;

/** @param tensorOn - makes a tensor of ONNX Runtime that lies in a buffer */
export function gpuMemory(gpu: Gpu, tensorOn: (buffer: GpuBuffer, dtype: DType, shape: Shape) => Tensor): Memory {
  // ONNX Runtime's tensors have them too, by a type that only a browser's types know.
  const buffers = new WeakMap<Tensor, GpuBuffer>();
  const bufferOf = (tensor: Tensor): GpuBuffer => need(buffers.get(tensor), 'the buffer of a tensor that lies here');
  const copy = (from: GpuBuffer, fromByte: number, to: GpuBuffer, toByte: number, bytes: number): void => {
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(from, fromByte, to, toByte, bytes);
    gpu.queue.submit([encoder.finish()]);
  };
  return {
    // A new buffer holds zeros.
    zeros(dtype, shape) {
      const size = Math.ceil((elementCount(shape) * bytesOf(dtype)) / GRAIN) * GRAIN;
      const usage = USE.storage + USE.copySource + USE.copyTarget;
      const buffer = gpu.createBuffer({ size, usage });
      const tensor = tensorOn(buffer, dtype, shape);
      buffers.set(tensor, buffer);
      return tensor;
    },
    write({ tensor, offset }, data) {
      gpu.queue.writeBuffer(bufferOf(tensor), offset * data.BYTES_PER_ELEMENT, data);
    },
    async read({ tensor, offset }, count) {
      const data = allocate(tensor.type as DType, count);
      const mapped = gpu.createBuffer({ size: data.byteLength, usage: USE.mapRead + USE.copyTarget });
      copy(bufferOf(tensor), offset * data.BYTES_PER_ELEMENT, mapped, 0, data.byteLength);
      await mapped.mapAsync(MAP_READ);
      new Uint8Array(data.buffer).set(new Uint8Array(mapped.getMappedRange()));
      mapped.destroy();
      return data;
    },
    copy(from, to, count) {
      const size = bytesOf(from.tensor.type as DType);
      copy(bufferOf(from.tensor), from.offset * size, bufferOf(to.tensor), to.offset * size, count * size);
    },
    free: (tensor) => bufferOf(tensor).destroy(),
  };
}

/** 4 or 8, of all numbers that are stored. */
function bytesOf(dtype: DType): number {
  return allocate(dtype, 0).BYTES_PER_ELEMENT;
}
