/**
 * @file A twin of a study's figures: the study's own cells, computed once more by ONNX Runtime in WebAssembly, whose bits are the same
 * under Node and in a browser. What whoever reads a report needs to compute them a third time, and to compare.
 */

import type { JsonObject } from '../../records/canonical-json.ts';
import type { PlanRequest } from '../../studies/study.ts';
import type { TwinData } from './chosen-dataset.ts';

/** What a report carries of a study whose figures can be checked. */
export interface Twin {
  /** "ioffe2015/scale". */
  readonly study: string;
  /** What plans its cells. */
  readonly request: PlanRequest;
  /** What that came to where the report was written: code that plans other cells checks nothing. */
  readonly protocol: JsonObject;
  /** Anchors of the figures that are drawn from these cells. */
  readonly figures: readonly string[];
  /** What it trains on, which the reader must have; undefined where it needs none. */
  readonly data?: TwinData | undefined;
  /** Of the numbers with all that tells them apart: `fingerprintOf`. */
  readonly fingerprint: string;
  /** All numbers of all its cells, in their order. */
  readonly values: readonly StoredNumber[];
  /** About how many seconds they take on one core. */
  readonly seconds: number;
  /** Which of the study's cells it is of, and what it says beside the report's own numbers. */
  readonly beside: string;
}

/** A number as JSON can hold it, to the last bit: what it cannot hold stands as a word, and −0 as one too. */
export type StoredNumber = number | 'NaN' | 'Infinity' | '-Infinity' | '-0';

/**
 * Twins that take longer, by the study's own estimate or by a few steps that are tried, are not made: few would wait for them. The estimates of
 * what only measures are of the native library; in WebAssembly the exact studies took 0.1 to 5 times as long, the median 0.8.
 */
export const MOST_SECONDS = 1800;

/** The number as a twin holds it. */
export function storedNumber(value: number): StoredNumber {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : (String(value) as StoredNumber);
}
