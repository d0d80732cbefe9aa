/** @file ONNX Runtime in WebAssembly: the same in a browser and under Node. */

import type { InferenceSession } from 'onnxruntime-common';
import { type Ort, type OrtSession, type OrtTensors, sessionOptions, tensorsOf } from './ort.ts';

/** The package, as far as it is used. */
export type WebPackage = Pick<typeof import('onnxruntime-web'), 'env' | 'InferenceSession' | 'Tensor'>;

export function wasmOrt(web: WebPackage): Ort {
  return {
    ...tensorsOf(web.Tensor),
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
async function runInto(session: InferenceSession, inputs: OrtTensors, results: OrtTensors): Promise<void> {
  copyInto(results, await session.run(inputs, Object.keys(results)));
}

/** Copies what a session has made into the tensors that were given for it. */
export function copyInto(results: OrtTensors, made: OrtTensors): void {
  for (const [name, { data }] of Object.entries(results)) {
    const computed = made[name];
    if (computed === undefined) throw new RangeError(`A session must compute '${name}'`);
    (data as Float32Array).set(computed.data as Float32Array);
  }
}
