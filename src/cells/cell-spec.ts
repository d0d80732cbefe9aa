/** @file What a cell is asked to be, and the hash that names it: everything that fixes its trajectory. */

import { printGraph } from '../graph/print.ts';
import type { Dataset } from '../data/dataset.ts';
import { canonicalJson, type JsonObject } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell.ts';
import { hashJson, sha256Hex } from '../records/hash.ts';
import type { DeviceSettings } from '../runtime/device.ts';
import { resolveLowering } from '../runtime/lowering-choice.ts';
import { buildStep } from '../train/step-graph.ts';
import { networkSpec } from '../train/trainer.ts';
import type { TrainingSettings } from '../train/training-settings.ts';
import type { MeasurementSpec } from './measurement.ts';
import { codeHash, ortVersion } from './versions.ts';

/** One arm × seed × setting: the unit of work, of caching and of retry. */
export type CellSpec = TrainingSpec | MeasurementSpec;

/** A cell that trains a network, with probes. */
export interface TrainingSpec {
  /** Which side of a comparison this is; a name for people, no part of the hash. */
  readonly arm: string;
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
export function cellConfig({ training, device }: TrainingSpec, dataset: Dataset): JsonObject {
  return {
    training: toJson(training),
    device: toJson(resolveLowering(device)),
    step: stepHash(training, dataset),
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

const stepHashes = new Map<string, string>();

/** A hash of the text of the logical step without probes: the same for all seeds and rates, so it is built once per arm. */
function stepHash(training: TrainingSettings, dataset: Dataset): string {
  const spec = networkSpec(training, dataset);
  const key = canonicalJson({ spec, optimiser: training.optimiser });
  const known = stepHashes.get(key);
  if (known !== undefined) return known;
  const hash = sha256Hex(printGraph(buildStep('step', spec, training.optimiser)));
  stepHashes.set(key, hash);
  return hash;
}
