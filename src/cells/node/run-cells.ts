/** @file Runs many cells: several at once, none twice, with the work left known at every moment. */

import { isDeliberate, SettingError } from '../../errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { configuredProbe } from '../../probes/index.ts';
import { uniteProbes } from '../../records/cell.ts';
import type { FinishedCell } from '../../records/cell.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import type { CellProgress, CellSpec, TrainingSpec } from '../cell-spec.ts';
import { cellHash, measurementHash } from './cell-hash.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { runMeasurement } from './run-measurement.ts';
import { checkCell, runCell } from './run-cell.ts';

/** How far all cells of a run are. */
export interface CellsProgress {
  readonly spec: CellSpec;
  /** Of the cell that has just moved; undefined where it was found finished. */
  readonly cell: CellProgress | undefined;
  readonly finishedCells: number;
  readonly allCells: number;
  /** Gradient computations (of measurements: seconds) done and to do, over all cells, found ones left out. */
  readonly doneWork: number;
  readonly allWork: number;
}

export interface CellsRequest {
  readonly specs: readonly CellSpec[];
  /** What cells that train are trained on; measurements need none. */
  readonly dataset?: Dataset | undefined;
  /** The folder of all cells. */
  readonly root: string;
  /** Cells at once; each uses the threads of its own device settings. */
  readonly parallel: number;
  readonly onProgress?: (progress: CellsProgress) => void;
  readonly signal?: AbortSignal;
  /** Starts the device of each cell; default a thread of Node. */
  readonly openDevice?: OpenDevice;
}

/**
 * The finished cells of all specifications, in their order. Those that differ in arm or probes alone are one cell, which
 * runs once with the probes of all. The first failure stops the rest.
 * @throws {SettingError} before any cell runs, where one of them cannot be.
 */
export async function runCells(request: CellsRequest): Promise<readonly FinishedCell[]> {
  const { dataset, root, parallel, onProgress, signal, openDevice } = request;
  for (const spec of request.specs) if ('training' in spec) checkCell(spec, required(spec, dataset));
  const asked = request.specs.map((spec) => ({ spec, hash: hashOf(spec, dataset) }));
  const united = new Map<string, CellSpec>();
  for (const { spec, hash } of asked) {
    const known = united.get(hash);
    const probes = known !== undefined && 'training' in known ? known.probes : [];
    united.set(hash, 'training' in spec ? { ...spec, probes: uniteProbes(probes, spec.probes) } : spec);
  }
  const specs = [...united.values()];
  const results = new Map<CellSpec, FinishedCell>();
  const missing = specs.filter((spec) => !isFinished(spec, dataset, root));
  const works = new Map(missing.map((spec) => [spec, work(spec)]));
  const done = new Map<CellSpec, number>();
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
  const allWork = sum(works.values());
  const notify = (spec: CellSpec, cell: CellProgress | undefined): void =>
    onProgress?.({
      spec,
      cell,
      finishedCells: results.size,
      allCells: specs.length,
      doneWork: sum(done.values()),
      allWork,
    });
  const queue = [...specs];
  const failure = new AbortController();
  const stop = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const takeNext = async (): Promise<void> => {
    for (let spec = queue.shift(); spec !== undefined && !stop.aborted; spec = queue.shift()) {
      const current = spec;
      const whole = works.get(current) ?? 0;
      const report = (cell: CellProgress): void => {
        done.set(current, (whole * cell.step) / cell.steps);
        notify(current, cell);
      };
      results.set(current, await withRetry(() => runOne(current, dataset, root, report, stop, openDevice), stop));
      if (whole > 0) done.set(current, whole);
      notify(current, undefined);
    }
  };
  const lanes = Array.from({ length: Math.max(1, parallel) }, () =>
    takeNext().catch((error: unknown) => {
      failure.abort(error);
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(lanes);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw stop.reason instanceof Error ? stop.reason : failed.reason;
  signal?.throwIfAborted();
  return asked.flatMap(({ hash }) => {
    const spec = united.get(hash);
    const cell = spec && results.get(spec);
    return cell === undefined ? [] : [cell];
  });
}

function hashOf(spec: CellSpec, dataset: Dataset | undefined): string {
  return 'training' in spec ? cellHash(spec, required(spec, dataset)) : measurementHash(spec);
}

async function runOne(
  spec: CellSpec,
  dataset: Dataset | undefined,
  root: string,
  report: (progress: CellProgress) => void,
  signal: AbortSignal,
  openDevice: OpenDevice | undefined,
): Promise<FinishedCell> {
  return 'training' in spec
    ? await runCell(spec, required(spec, dataset), root, report, signal, openDevice)
    : await runMeasurement(spec, root, report, signal, openDevice);
}

function required({ training }: TrainingSpec, dataset: Dataset | undefined): Dataset {
  if (dataset === undefined)
    throw new SettingError(`A cell that trains must be given its data set, ${training.dataset}`);
  return dataset;
}

/** What a whole cell costs: gradient computations, one a step and those of its probes; of a measurement, its seconds. */
export function work(spec: CellSpec): number {
  if ('measurement' in spec) return spec.measurement.seconds;
  const { training, probes: held } = spec;
  const perStep = held.map(({ name, settings }) => {
    const { cost, settings: known } = configuredProbe(name, settings);
    return cost / known.every;
  });
  return training.steps * perStep.reduce((a, b) => a + b, 1);
}

export function isFinished(spec: CellSpec, dataset: Dataset | undefined, root: string): boolean {
  const found = openCell(root, hashOf(spec, dataset)).maybeFinished();
  return found?.holds('training' in spec ? spec.probes : []) ?? false;
}

/** A second try, from the newest checkpoint, where the engine's thread died or failed. */
async function withRetry<T>(run: () => Promise<T>, stop: AbortSignal): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (stop.aborted || isDeliberate(error)) throw error;
    return await run();
  }
}
