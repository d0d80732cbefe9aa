/** @file What a cell is asked to be, and the hash that names it: everything that fixes its trajectory. */

import type { Dataset } from '../data/dataset.ts';
import { canonicalJson, type JsonObject } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell-description.ts';
import { hashJson } from '../records/hash.ts';
import type { DeviceSettings } from '../runtime/device.ts';
import { resolveLowering } from '../runtime/lowering-choice.ts';
import type { Problem } from '../problems/problem.ts';
import { trainingGraphs } from '../train/training-graphs.ts';
import type { TrainingSettings } from '../train/training-settings.ts';
import type { MeasurementSpec } from './measurement.ts';
import { codeHash, ortVersion } from './versions.ts';

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

/** The content of a cell's `cell.json` under `config`: all that its hash covers, in readable form. */
export function cellConfig({ problem, training, device }: TrainingSpec, dataset: Dataset): JsonObject {
  const { batchSize, optimiser } = training;
  return {
    problem: problem.about,
    training: toJson(training),
    device: toJson(resolveLowering(device)),
    // The text of every graph that the problem builds: step, first batch, evaluation, and frozen statistics.
    graphs: trainingGraphs(problem, batchSize, optimiser).identity,
    data: dataset.checksum,
    ort: ortVersion(),
    code: codeHash(),
  };
}

export function cellHash(spec: TrainingSpec, dataset: Dataset): string {
  return hashJson(cellConfig(spec, dataset)).slice(0, 32);
}

/** Settings are plain data; this proves it, and drops what is not set. */
function toJson(settings: object): JsonObject {
  return JSON.parse(canonicalJson(settings)) as JsonObject;
}
