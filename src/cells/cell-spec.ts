/** @file What a cell is asked to be: everything that fixes its trajectory, or what it measures. */

import type { Problem } from '../problems/problem.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { StepRecord } from '../records/record.ts';
import type { DeviceSettings } from '../runtime/device.ts';
import type { TrainingSettings } from '../train/training-settings.ts';
import type { Laboratory } from './laboratory.ts';

/** One arm × seed × setting: the unit of work, of caching and of retry. */
export type CellSpec = TrainingSpec | MeasurementSpec;

/** A cell that trains a network, with probes. */
export interface TrainingSpec {
  /** Which side of a comparison this is; a name for people, no part of the hash. */
  readonly arm: string;
  /** What is trained. */
  readonly problem: Problem;
  readonly training: TrainingSettings;
  readonly probes: readonly HeldProbe[];
  readonly device: DeviceSettings;
}

/** A cell that measures without training. */
export interface MeasurementSpec {
  /** Which side of a comparison this is; a name for people, no part of the hash. */
  readonly arm: string;
  readonly measurement: Measurement;
  readonly device: DeviceSettings;
}

export interface Measurement {
  /** What is measured, unique among measurements: the study's name. */
  readonly name: string;
  /** The module in which it is written, as `import.meta.url` there: with what that imports, it is in the cell's hash. */
  readonly code: string;
  readonly seed: number;
  /** Everything else that fixes the numbers. */
  readonly settings: JsonObject;
  /** About how many seconds it takes on one core; what progress and estimates go by. */
  readonly seconds: number;
  /** A pure function of seed and settings. */
  readonly measure: (laboratory: Laboratory) => Promise<readonly StepRecord[]>;
}

/** How far a cell is: steps taken of all, or parts of a measurement; loss and accuracy of the last batch, in training. */
export interface CellProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss?: number;
  readonly accuracy?: number;
}

/** Which of the replications a cell is. */
export function seedOf(spec: CellSpec): number {
  return 'training' in spec ? spec.training.seed : spec.measurement.seed;
}
