/** @file The cells of a study that measures the same for each seed. */

import type { Laboratory } from '../cells/laboratory.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { StepRecord } from '../records/record.ts';
import type { PlannedMeasurement } from './study.ts';

export interface Measuring<Settings extends JsonObject> {
  readonly arm: string;
  /** The study's name. */
  readonly name: string;
  /** `import.meta.url` of the study: its own code is in the hashes of its cells. */
  readonly code: string;
  /** How many: the seeds are 0, 1, … */
  readonly seeds: number;
  readonly settings: Settings;
  /** About how long one takes on one core. */
  readonly seconds: number;
  /** Given nothing but what names the cell, so that it can depend on nothing else. */
  readonly measure: (laboratory: Laboratory, settings: Settings, seed: number) => Promise<readonly StepRecord[]>;
}

/** One cell per seed. */
export function measuringCells<Settings extends JsonObject>({
  arm,
  name,
  code,
  seeds,
  settings,
  seconds,
  measure,
}: Measuring<Settings>): readonly PlannedMeasurement[] {
  return Array.from({ length: seeds }, (_, seed) => ({
    arm,
    measurement: { name, code, seed, settings, seconds, measure: (laboratory) => measure(laboratory, settings, seed) },
  }));
}
