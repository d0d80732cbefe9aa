/** @file Running a model that normscope did not make: what is asked, and what comes back. Who runs it isolates it. */

import type { OnnxNumbers } from '../onnx/model.ts';

/** Element types of ONNX that can be fed and fetched, by ONNX Runtime's names. */
export type ForeignType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool';

export interface ForeignTensor {
  readonly type: ForeignType;
  readonly shape: readonly number[];
  readonly data: OnnxNumbers;
}

export interface ForeignRun {
  readonly feeds: Readonly<Record<string, ForeignTensor>>;
  /** Outputs whose numbers come back; of all the others only the type and the shape do. */
  readonly fetch: readonly string[];
}

export interface ForeignRequest {
  readonly model: Uint8Array;
  readonly runs: readonly ForeignRun[];
}

export type ForeignResult = Readonly<Record<string, Omit<ForeignTensor, 'data'> & { readonly data?: OnnxNumbers }>>;

/**
 * Runs a model once per entry of `runs`.
 * @throws {DataError} with ONNX Runtime's words, where it refuses the model or fails on it
 * @throws {ProcessError} where it took too much time or memory, or brought the process down
 */
export type RunForeign = (request: ForeignRequest) => Promise<readonly ForeignResult[]>;
