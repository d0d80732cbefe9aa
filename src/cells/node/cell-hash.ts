/** @file The hash that names a cell, and what it covers: everything that fixes its trajectory, or what it measures. */

import type { Dataset } from '../../data/dataset.ts';
import { canonicalJson, type JsonObject } from '../../records/canonical-json.ts';
import { hashJson } from '../../records/hash.ts';
import { resolveLowering } from '../../runtime/lowering-choice.ts';
import { trainingGraphs } from '../../train/training-graphs.ts';
import type { MeasurementSpec, TrainingSpec } from '../cell-spec.ts';
import { codeHash, codeHashWith, ortVersion } from './versions.ts';

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

/** The content of a cell's `cell.json` under `config`: all that its hash covers. */
export function measurementConfig({ measurement, device }: MeasurementSpec): JsonObject {
  const { name, code, seed, settings } = measurement;
  return {
    measurement: { name, seed, settings: toJson(settings) },
    threads: device.threads,
    ort: ortVersion(),
    code: codeHashWith(code),
  };
}

export function measurementHash(spec: MeasurementSpec): string {
  return hashJson(measurementConfig(spec)).slice(0, 32);
}

/** Settings are plain data; this proves it, and drops what is not set. */
function toJson(settings: object): JsonObject {
  return JSON.parse(canonicalJson(settings)) as JsonObject;
}
