/** @file A cell that measures without training: graphs with values of a seed, run on a device of its own. */

import { canonicalJson, type JsonObject } from '../records/canonical-json.ts';
import { type FinishedCell, openCell } from '../records/cell-folder.ts';
import { hashJson } from '../records/hash.ts';
import type { StepRecord } from '../records/record.ts';
import type { DeviceSettings, OpenDevice } from '../runtime/device.ts';
import { nodeDevice } from '../runtime/node/node-device.ts';
import { type Laboratory, openLaboratory } from './laboratory.ts';
import type { CellProgress } from './cell-spec.ts';
import { codeHashWith, ortVersion } from './versions.ts';

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

/** The content of a cell's `cell.json` under `config`: all that its hash covers. */
function measurementConfig({ measurement, device }: MeasurementSpec): JsonObject {
  const { name, code, seed, settings } = measurement;
  return {
    measurement: { name, seed, settings: JSON.parse(canonicalJson(settings)) as JsonObject },
    threads: device.threads,
    ort: ortVersion(),
    code: codeHashWith(code),
  };
}

export function measurementHash(spec: MeasurementSpec): string {
  return hashJson(measurementConfig(spec)).slice(0, 32);
}

/**
 * The finished cell of a measurement: the one found, or one made now.
 * @param root - the folder of all cells
 * @throws {InterruptedError} by way of the signal's reason; the measurement then begins anew another time.
 */
export async function runMeasurement(
  spec: MeasurementSpec,
  root: string,
  report: (progress: CellProgress) => void,
  signal?: AbortSignal,
  openDevice: OpenDevice = nodeDevice,
): Promise<FinishedCell> {
  const cell = openCell(root, measurementHash(spec));
  const found = cell.maybeFinished();
  if (found !== undefined) return found;
  const work = cell.begin(measurementConfig(spec), []);
  const laboratory = openLaboratory(spec.device.threads, (step, steps) => report({ step, steps }), signal, openDevice);
  try {
    const records = await spec.measurement.measure(laboratory);
    signal?.throwIfAborted();
    work.append(records);
    work.finish({ records: records.length });
  } catch (error) {
    work.close();
    throw error;
  } finally {
    await laboratory.close();
  }
  const finished = cell.maybeFinished();
  if (finished === undefined) throw new Error(`Cell ${cell.hash} must be whole after it has run`);
  return finished;
}
