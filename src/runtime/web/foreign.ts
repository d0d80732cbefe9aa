/** @file Runs a model that normscope did not make, in the worker of a page: what it may take down is that worker. */

import * as web from 'onnxruntime-web/wasm';
import type { ForeignRequest, ForeignResult } from '../foreign.ts';
import { runForeignOn } from '../run-foreign-on.ts';

/** @throws {DataError} with ONNX Runtime's words, where it refuses the model or fails on it */
export async function runForeignInWorker(request: ForeignRequest): Promise<readonly ForeignResult[]> {
  web.env.wasm.numThreads = 1;
  return runForeignOn(web, request);
}
