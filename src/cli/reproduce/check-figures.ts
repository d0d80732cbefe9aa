/** @file `--check-figures`: a report whose figures a reader can compute again, in the browser, to the last bit. */

import { Option } from 'commander';
import { counted } from '../../counted.ts';
import type { Dataset } from '../../data/dataset.ts';
import { InterruptedError } from '../../errors.ts';
import { type CheckFiles, checkingEngine, readCheckFiles } from '../../lab/node/checkable-report.ts';
import { checkedFigures, makeTwin, type ShownStudy } from '../../lab/twin/make-twin.ts';
import type { TwinProgress } from '../../lab/twin/compute-twin.ts';
import { MOST_SECONDS, type Twin } from '../../lab/twin/twin.ts';
import { twinPart } from '../../lab/twin/twin-jobs.ts';
import { formatDuration } from '../../report/format.ts';
import type { PageEngine } from '../../report/page-engine.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { loadOrt } from '../../runtime/node/load-ort.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import { createProgressLine, TimeLeft } from '../progress.ts';
import { planRequestOf } from './stored-study.ts';
import type { StudyRun } from './study-section.ts';

export const checkFiguresOption = (): Option =>
  new Option(
    '--check-figures',
    'put a button below each figure that a browser can compute again (5 MB more; needs the package onnxruntime-web)',
  );

/** What a report of some studies carries, and how much of it can be checked. */
export interface CheckedReport {
  /** Undefined where nothing can: such a report carries nothing. */
  readonly engine: PageEngine | undefined;
  /** Names of the studies whose figures can be. */
  readonly studies: readonly string[];
  readonly text: string;
}

/**
 * What is needed to make such a report, before anything is computed that would then have none.
 * @throws {StorageError} where the package was not built. @throws {SettingError} where onnxruntime-web is not installed.
 */
export async function openChecks(): Promise<CheckFiles> {
  await loadOrt('wasm');
  return readCheckFiles();
}

/**
 * Computes the twins of studies, one after another. Those that would take a browser too long have none, nor have those that were not
 * computed when the signal came.
 * @param dataset - loads what a study trains on. @throws {DataError} where it is not to be had
 */
export async function checkFigures(
  runs: readonly StudyRun[],
  files: CheckFiles,
  dataset: (name: string) => Promise<Dataset>,
  signal?: AbortSignal,
): Promise<CheckedReport> {
  const shown = runs.flatMap(shownStudy).filter((study) => checkedFigures(study).length > 0);
  const { twins, tooLong } = await twinsOf(shown, dataset, signal);
  const figures = twins.reduce((sum, twin) => sum + twin.figures.length, 0);
  return {
    engine: twins.length === 0 ? undefined : checkingEngine(twins, files),
    studies: twins.map(({ study }) => study),
    text: [
      twins.length === 0 ? 'No figure' : `${counted(figures, 'figure')} of ${counted(twins.length, 'claim')}`,
      ' can be checked where the report is read',
      tooLong.length === 0
        ? ''
        : `; ${tooLong.join(', ')} would take a browser more than ${formatDuration(MOST_SECONDS)}`,
    ].join(''),
  };
}

interface Twins {
  readonly twins: readonly Twin[];
  /** Names of the studies that would take a browser too long. */
  readonly tooLong: readonly string[];
}

async function twinsOf(
  shown: readonly ShownStudy[],
  dataset: (name: string) => Promise<Dataset>,
  signal: AbortSignal | undefined,
): Promise<Twins> {
  const line = createProgressLine();
  const openDevice: OpenDevice = (settings) => threadlessDevice({ ...settings, runtime: 'wasm' });
  const twins: Twin[] = [];
  const tooLong: string[] = [];
  try {
    for (const [i, study] of shown.entries()) {
      signal?.throwIfAborted();
      const needed = twinPart(study.plan).dataset;
      const loaded = needed === undefined ? undefined : await dataset(needed);
      const title = `twin ${i + 1}/${shown.length} | ${study.study.name}`;
      line.begin(title);
      const timeLeft = new TimeLeft();
      const report = ({ cells, allCells, part }: TwinProgress): void =>
        line.update(`${timeLeft.text(cells + part, allCells)} | ${title} | ${cells}/${counted(allCells, 'cell')}`);
      const twin = await makeTwin(study, { openDevice, dataset: loaded, report, signal });
      if (twin === undefined) tooLong.push(study.study.name);
      else twins.push(twin);
    }
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  } finally {
    line.done();
  }
  return { twins, tooLong };
}

/** A study that has come to a result. */
function shownStudy({ study, plan, budget, outcome }: StudyRun): readonly ShownStudy[] {
  if (typeof outcome === 'string') return [];
  const request = planRequestOf({ name: study.name, budget, protocol: plan.protocol });
  return [{ study, plan, request, result: outcome.result, cells: outcome.cells.map(({ cell }) => cell) }];
}
