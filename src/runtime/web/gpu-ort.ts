/**
 * @file ONNX Runtime on a GPU, by its WebGPU provider in a browser. All nodes of a run compute there; what is stored goes there and
 * back with each run.
 */

import type { InferenceSession } from 'onnxruntime-common';
import { type Ort, sessionOptions, tensorOf } from '../ort.ts';
import { runInto, type WebPackage } from '../wasm-ort.ts';
import type { Gpu } from './gpu.ts';

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
    tensor: tensorOf(web.Tensor),
    async open(model, threads) {
      const strict = { extra: { session: { disable_cpu_ep_fallback: '1' } } };
      const session = await inTurn(() => create(model, threads, strict)).catch((error: unknown) => {
        if (!LEFT.test(String(error))) throw error;
        onLeft();
        return inTurn(() => create(model, threads));
      });
      return {
        run: (inputs, results) => inTurn(() => runInto(session, inputs, results)),
        release: () => inTurn(() => session.release()),
      };
    },
  };
}
