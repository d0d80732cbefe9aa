/** @file Where stored tensors lie between runs: in the processor's memory, or in a GPU's, which only its sessions read at once. */

import type { Tensor } from 'onnxruntime-common';
import { type DType, elementCount, type Shape } from '../graph/tensor-type.ts';
import { allocate, type TensorData } from './tensor-data.ts';

/** Elements of a tensor from one on. */
export interface Place {
  readonly tensor: Tensor;
  readonly offset: number;
}

/** What is asked for first is done first, runs of sessions included. */
export interface Memory {
  /** A tensor of zeros that lies here, as sessions read it and write it. */
  zeros(dtype: DType, shape: Shape): Tensor;
  write(place: Place, data: TensorData): void;
  /** A copy of so many elements. */
  read(place: Place, count: number): Promise<TensorData>;
  /** From one tensor to another. */
  copy(from: Place, to: Place, count: number): void;
  /** What is freed is read and written no more. */
  free(tensor: Tensor): void;
}

/** The processor's, where a tensor's data can be had at once. @param tensor - makes those that its sessions read */
export function processorMemory(tensor: (dtype: DType, data: TensorData, shape: Shape) => Tensor): Memory {
  return {
    zeros: (dtype, shape) => tensor(dtype, allocate(dtype, elementCount(shape)), shape),
    write: (place, data) => elements(place, data.length).set(data as Float32Array),
    read: async (place, count) => elements(place, count).slice(),
    copy: (from, to, count) => elements(to, count).set(elements(from, count)),
    // It goes when nobody knows it any more.
    free: () => undefined,
  };
}

function elements({ tensor, offset }: Place, count: number): Float32Array {
  return (tensor.data as Float32Array).subarray(offset, offset + count);
}
