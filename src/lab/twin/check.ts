/** @file The check of one figure, as the worker of a page does it: plans the study, computes its cells, and compares. */

import { DataError } from '../../errors.ts';
import { canonicalJson } from '../../records/canonical-json.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { findStudy } from '../../studies/index.ts';
import { type Compared, compareTwin } from './compare-twin.ts';
import { computeTwin, type TwinProgress } from './compute-twin.ts';
import type { Twin } from './twin.ts';

/** What a page tells the worker that checks: once, and the worker ends with its answer. */
export interface ToCheck {
  /** ONNX Runtime's WebAssembly. */
  readonly engine: Uint8Array;
  readonly twin: Twin;
}

export type FromCheck =
  | { readonly kind: 'progress'; readonly progress: TwinProgress }
  | { readonly kind: 'compared'; readonly compared: Compared; readonly seconds: number }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * @param openDevice - starts devices on ONNX Runtime in WebAssembly
 * @param post - told how far it is, then what came out or why nothing did
 */
export async function checkTwin(twin: Twin, openDevice: OpenDevice, post: (message: FromCheck) => void): Promise<void> {
  try {
    const began = performance.now();
    const plan = findStudy(twin.study).plan(twin.request);
    if (canonicalJson(plan.protocol) !== canonicalJson(twin.protocol)) {
      throw new DataError(
        `Cannot check ${twin.study}: the protocol must be ${canonicalJson(twin.protocol)}, got ${canonicalJson(plan.protocol)}; write the report again`,
      );
    }
    const cells = await computeTwin(plan, openDevice, (progress) => post({ kind: 'progress', progress }));
    post({ kind: 'compared', compared: compareTwin(twin, cells), seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}
