/**
 * @file ONNX Runtime, as the engine needs it: the native library, or the same in WebAssembly, as a browser runs it. Which
 * package that comes from is the business of `node/` and `web/`.
 */

import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { DType, Shape } from '../graph/tensor-type.ts';
import { type Memory, processorMemory } from './memory.ts';
import type { TensorData } from './tensor-data.ts';

export interface Ort {
  /** Of data in the processor's memory: what a session is fed, and what it gives. */
  tensor(dtype: DType, data: TensorData, shape: Shape): Tensor;
  /** Where it keeps what is stored between runs. */
  readonly memory: Memory;
  open(model: Uint8Array, threads: number): Promise<OrtSession>;
}

export interface OrtSession {
  /** Runs the model once. The results are written into the tensors given, none of which may be an input. */
  run(inputs: OrtTensors, results: OrtTensors): Promise<void>;
  release(): Promise<void>;
}

export type OrtTensors = Readonly<Record<string, Tensor>>;

/** Measured settings: the emitted graph is already what ORT's optimiser would make, and its memory plan doubles the peak. */
export function sessionOptions(threads: number, tracePrefix?: string): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'disabled',
    enableMemPattern: false,
    enableCpuMemArena: true,
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    ...(tracePrefix !== undefined && { enableProfiling: true, profileFilePrefix: tracePrefix }),
  };
}

/** Makes tensors by the constructor of the package that will read them, all of them in the processor's memory. */
export function tensorsOf(Constructor: typeof Tensor): Pick<Ort, 'tensor' | 'memory'> {
  const tensor: Ort['tensor'] = (dtype, data, shape) => new Constructor(dtype, data as Float32Array, [...shape]);
  return { tensor, memory: processorMemory(tensor) };
}
