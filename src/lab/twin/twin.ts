/**
 * @file A twin of a study's figures: the study's own cells, computed once more by ONNX Runtime in WebAssembly, whose bits are the same
 * under Node and in a browser. What whoever reads a report needs to compute them a third time, and to compare.
 */

import type { JsonObject } from '../../records/canonical-json.ts';
import type { PlanRequest, Study, StudyPlan } from '../../studies/study.ts';

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
  /** Of the numbers with all that tells them apart: `fingerprintOf`. */
  readonly fingerprint: string;
  /** All numbers of all cells, in their order. */
  readonly values: readonly StoredNumber[];
  /** About how many seconds they take on one core. */
  readonly seconds: number;
  /** What the twin says beside the report's own numbers. */
  readonly beside: string;
}

/** A number as JSON can hold it, to the last bit: what it cannot hold stands as a word, and −0 as one too. */
export type StoredNumber = number | 'NaN' | 'Infinity' | '-Infinity' | '-0';

/**
 * Studies that take longer, by their own estimate, are not checked in a page: the reader would wait for minutes. The estimates are of
 * the native library on one core; in WebAssembly the exact studies took 0.1 to 5 times as long, the median 0.8.
 */
export const MOST_SECONDS = 100;

/** Whether a browser can compute all of a study: it trains nothing, needs no data, and is over in a minute or two. */
export function canBeChecked({ dataset }: Pick<Study, 'dataset'>, plan: Pick<StudyPlan, 'jobs'>): boolean {
  // What a training costs is known only where steps of it were tried.
  const isMeasured = plan.jobs.every((job) => job.dataset === undefined && !job.pace.isTried);
  return dataset === undefined && isMeasured && plan.jobs.length > 0 && secondsOf(plan) <= MOST_SECONDS;
}

/** By the study's own estimate, on one core. */
export function secondsOf({ jobs }: Pick<StudyPlan, 'jobs'>): number {
  const cells = jobs.flatMap((job) => job.cells);
  return cells.reduce((sum, cell) => sum + cell.cost(cell.probes), 0);
}

/** The number as a twin holds it. */
export function storedNumber(value: number): StoredNumber {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : (String(value) as StoredNumber);
}
