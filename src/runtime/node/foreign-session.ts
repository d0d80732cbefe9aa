/** @file Runs a foreign model in this thread, which it may take down: for a process of its own, and for tests of files that are known. */

import './telemetry.ts';
import * as ort from 'onnxruntime-node';
import type { ForeignRequest, ForeignResult } from '../foreign.ts';
import { runForeignOn } from '../run-foreign-on.ts';

/** @throws {DataError} with ONNX Runtime's words, where it refuses the model or fails on it */
export async function runForeignHere(request: ForeignRequest): Promise<readonly ForeignResult[]> {
  return runForeignOn(ort, request);
}
