/**
 * @file ONNX Runtime, as the engine needs it: the native library, or the same in WebAssembly, as a browser runs it. Only
 * this file knows either package.
 */

import './telemetry.ts';
import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import * as native from 'onnxruntime-node';
import { SettingError } from '../errors.ts';
import type { DType, Shape } from '../graph/tensor-type.ts';
import type { RuntimeName } from './runtime-name.ts';
import type { TensorData } from './tensor-data.ts';

export interface Ort {
  tensor(dtype: DType, data: TensorData, shape: Shape): Tensor;
  open(model: Uint8Array, threads: number): Promise<Session>;
}

export interface Session {
  /** Runs the model once. The results are written into the tensors given, none of which may be an input. */
  run(inputs: Tensors, results: Tensors): Promise<void>;
  release(): Promise<void>;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** Measured settings: the emitted graph is already what ORT's optimiser would make, and its memory plan doubles the peak. */
function sessionOptions(threads: number, tracePrefix?: string): InferenceSession.SessionOptions {
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

export const nativeOrt: Ort = nativeTracedTo(undefined);

/** ONNX Runtime that notes when each node ran: a session writes `PREFIX_TIME.json` when it is released. */
export function tracingOrt(tracePrefix: string): Ort {
  return nativeTracedTo(tracePrefix);
}

function nativeTracedTo(tracePrefix: string | undefined): Ort {
  return {
    tensor: tensorOf(native.Tensor),
    async open(model, threads) {
      const session = await native.InferenceSession.create(model, sessionOptions(threads, tracePrefix));
      return {
        run: async (inputs, results) => void (await session.run(inputs, results)),
        release: () => session.release(),
      };
    },
  };
}

/** @throws {SettingError} where the package of a runtime is not installed. */
export async function loadOrt(runtime: RuntimeName): Promise<Ort> {
  return runtime === 'native' ? nativeOrt : wasmOrt();
}

async function wasmOrt(): Promise<Ort> {
  const web = await import('onnxruntime-web').catch((error: unknown) => {
    const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
    throw new SettingError(
      `Runtime 'wasm' needs the package onnxruntime-web, which could not be loaded; npm install onnxruntime-web@${version}`,
      { cause: error },
    );
  });
  return {
    tensor: tensorOf(web.Tensor),
    async open(model, threads) {
      // All sessions of a process share one pool of threads, made with the first.
      web.env.wasm.numThreads = threads;
      const session = await web.InferenceSession.create(model, sessionOptions(threads));
      return {
        async run(inputs, results) {
          // Results given beforehand would be computed in WebAssembly's own memory and never copied out of it.
          const made = await session.run(inputs, Object.keys(results));
          for (const [name, { data }] of Object.entries(results)) {
            (data as Float32Array).set(made[name]?.data as Float32Array);
          }
        },
        release: () => session.release(),
      };
    },
  };
}

function tensorOf(Constructor: typeof Tensor): Ort['tensor'] {
  return (dtype, data, shape) => new Constructor(dtype, data as Float32Array, [...shape]);
}
