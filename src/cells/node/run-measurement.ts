/** @file A cell that measures without training: graphs with values of a seed, run on a device of its own. */

import type { FinishedCell } from '../../records/cell.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import type { CellProgress, MeasurementSpec } from '../cell-spec.ts';
import { openLaboratory } from '../laboratory.ts';
import { measurementConfig, measurementHash } from './cell-hash.ts';

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
  const laboratory = openLaboratory(openDevice, spec.device.threads, (step, steps) => report({ step, steps }), signal);
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
