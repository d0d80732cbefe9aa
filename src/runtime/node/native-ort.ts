/** @file ONNX Runtime's native library, which Node loads. */

import './telemetry.ts';
import * as native from 'onnxruntime-node';
import { type Ort, sessionOptions, tensorsOf } from '../ort.ts';

export const nativeOrt: Ort = nativeTracedTo(undefined);

/** ONNX Runtime that notes when each node ran: a session writes `PREFIX_TIME.json` when it is released. */
export function tracingOrt(tracePrefix: string): Ort {
  return nativeTracedTo(tracePrefix);
}

function nativeTracedTo(tracePrefix: string | undefined): Ort {
  return {
    ...tensorsOf(native.Tensor),
    async open(model, threads) {
      const session = await native.InferenceSession.create(model, sessionOptions(threads, tracePrefix));
      return {
        run: async (inputs, results) => void (await session.run(inputs, results)),
        release: () => session.release(),
      };
    },
  };
}
