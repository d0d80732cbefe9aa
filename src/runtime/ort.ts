/**
 * @file ONNX Runtime, as the engine needs it: the native library, or the same in WebAssembly, as a browser runs it. Which
 * package that comes from is the business of `node/` and `web/`.
 */

import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { DType, Shape } from '../graph/tensor-type.ts';
import type { TensorData } from './tensor-data.ts';

export interface Ort {
  tensor(dtype: DType, data: TensorData, shape: Shape): Tensor;
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

/** Makes tensors by the constructor of the package that will read them. */
export function tensorOf(Constructor: typeof Tensor): Ort['tensor'] {
  return (dtype, data, shape) => new Constructor(dtype, data as Float32Array, [...shape]);
}
