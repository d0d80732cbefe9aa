/**
 * @file ONNX Runtime on a GPU, by its WebGPU provider in a browser. All nodes of a run compute there, and what is stored stays there:
 * batches go there, and results come back.
 */

import type { InferenceSession } from 'onnxruntime-common';
import { type Ort, type OrtTensors, sessionOptions, tensorsOf } from '../ort.ts';
import { copyInto, type WebPackage } from '../wasm-ort.ts';
import type { Gpu } from './gpu.ts';
import { gpuMemory } from './gpu-memory.ts';

/** What ONNX Runtime says where a node would be left to the processor, and it may not be. */
const LEFT = /graph nodes that are assigned to the default CPU EP/;

/**
 * @param onLeft - told where a session needs the processor for some of its nodes: all others compute on the GPU alone, which
 * ONNX Runtime itself sees to
 */
export function gpuOrt(web: WebPackage, gpu: Gpu, onLeft: () => void): Ort {
  const create = (
    model: Uint8Array,
    threads: number,
    more: InferenceSession.SessionOptions = {},
  ): Promise<InferenceSession> =>
    web.InferenceSession.create(model, {
      ...sessionOptions(threads),
      // Its type is the browser's, where TypeScript has all of one.
      executionProviders: [{ name: 'webgpu', device: gpu as never }],
      ...more,
    });
  // One at a time: ONNX Runtime refuses a session, or a run, while another waits for the GPU.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    tensor: tensorsOf(web.Tensor).tensor,
    // The type of a GPU's buffer is the browser's, and element types of which there is no kernel have none.
    memory: gpuMemory(gpu, (buffer, dataType, dims) =>
      web.Tensor.fromGpuBuffer(buffer as never, { dataType: dataType as 'float32', dims }),
    ),
    async open(model, threads) {
      const strict = { extra: { session: { disable_cpu_ep_fallback: '1' } } };
      const session = await inTurn(() => create(model, threads, strict)).catch((error: unknown) => {
        if (!LEFT.test(String(error))) throw error;
        onLeft();
        return inTurn(() => create(model, threads));
      });
      return {
        run: (inputs, results) => inTurn(() => run(session, inputs, results)),
        release: () => inTurn(() => session.release()),
      };
    },
  };
}

/** What is stored is written where it lies; results in the processor's memory are copied there. */
async function run(session: InferenceSession, inputs: OrtTensors, results: OrtTensors): Promise<void> {
  const isStored = (name: string): boolean => results[name]?.location === 'gpu-buffer';
  const names = Object.keys(results);
  const fetches = Object.fromEntries(names.map((name) => [name, isStored(name) ? (results[name] ?? null) : null]));
  const made = await session.run(inputs, fetches);
  copyInto(Object.fromEntries(Object.entries(results).filter(([name]) => !isStored(name))), made);
}
