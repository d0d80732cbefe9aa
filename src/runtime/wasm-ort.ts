/** @file ONNX Runtime in WebAssembly: the same in a browser and under Node. */

import type { InferenceSession } from 'onnxruntime-common';
import { type Ort, type OrtSession, type OrtTensors, sessionOptions, tensorOf } from './ort.ts';

/** The package, as far as it is used. */
export type WebPackage = Pick<typeof import('onnxruntime-web'), 'env' | 'InferenceSession' | 'Tensor'>;

export function wasmOrt(web: WebPackage): Ort {
  return {
    tensor: tensorOf(web.Tensor),
    async open(model, threads) {
      // All sessions of a process share one pool of threads, made with the first.
      web.env.wasm.numThreads = threads;
      const session = await web.InferenceSession.create(model, sessionOptions(threads));
      return {
        run: (inputs, results) => runInto(session, inputs, results),
        release: () => session.release(),
      } satisfies OrtSession;
    },
  };
}

/** Results given beforehand would be computed in WebAssembly's own memory and never copied out of it. */
export async function runInto(session: InferenceSession, inputs: OrtTensors, results: OrtTensors): Promise<void> {
  const made = await session.run(inputs, Object.keys(results));
  for (const [name, { data }] of Object.entries(results)) {
    const computed = made[name];
    if (computed === undefined) throw new RangeError(`A session must compute '${name}'`);
    (data as Float32Array).set(computed.data as Float32Array);
  }
}
