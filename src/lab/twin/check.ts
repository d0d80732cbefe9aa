/** @file The check of one figure, as the worker of a page does it: plans the study, computes its cells, and compares. */

import type { Dataset } from '../../data/dataset.ts';
import { DataError } from '../../errors.ts';
import { canonicalJson } from '../../records/canonical-json.ts';
import { findStudy } from '../../studies/index.ts';
import { type Compared, compareTwin } from './compare-twin.ts';
import { computeTwin, type TwinBench, type TwinProgress } from './compute-twin.ts';
import type { Twin } from './twin.ts';
import { twinPart } from './twin-jobs.ts';

/** What the worker of a page says of a check. */
export type FromCheck =
  | { readonly kind: 'progress'; readonly progress: TwinProgress }
  | { readonly kind: 'compared'; readonly compared: Compared; readonly seconds: number }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * @param openDevice - starts devices on ONNX Runtime in WebAssembly
 * @param dataset - reads what the twin trains on, where it trains
 * @param post - told how far it is, then what came out or why nothing did
 */
export async function checkTwin(
  twin: Twin,
  openDevice: TwinBench['openDevice'],
  dataset: () => Promise<Dataset | undefined>,
  post: (message: FromCheck) => void,
): Promise<void> {
  try {
    const began = performance.now();
    const plan = findStudy(twin.study).plan(twin.request);
    if (canonicalJson(plan.protocol) !== canonicalJson(twin.protocol)) {
      throw new DataError(
        `Cannot check ${twin.study}: the protocol must be ${canonicalJson(twin.protocol)}, got ${canonicalJson(plan.protocol)}; write the report again`,
      );
    }
    const report = (progress: TwinProgress): void => post({ kind: 'progress', progress });
    const cells = await computeTwin(twinPart(plan), { openDevice, dataset: await dataset(), report });
    post({ kind: 'compared', compared: compareTwin(twin, cells), seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}
