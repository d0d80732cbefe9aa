/** @file `--check-figures`: a report whose figures a reader can compute again, in the browser, to the last bit. */

import { Option } from 'commander';
import { counted } from '../counted.ts';
import { InterruptedError } from '../errors.ts';
import { type CheckFiles, checkingEngine, readCheckFiles } from '../lab/node/checkable-report.ts';
import { checkedFigures, makeTwin, type ShownStudy } from '../lab/twin/make-twin.ts';
import type { TwinProgress } from '../lab/twin/compute-twin.ts';
import type { Twin } from '../lab/twin/twin.ts';
import type { PageEngine } from '../report/page-engine.ts';
import type { OpenDevice } from '../runtime/device.ts';
import { loadOrt } from '../runtime/node/load-ort.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { createProgressLine } from './progress.ts';
import { planRequestOf } from './stored-study.ts';
import type { StudyRun } from './study-section.ts';

export const checkFiguresOption = (): Option =>
  new Option(
    '--check-figures',
    'put a button below each figure that a browser can compute again (5 MB more; needs the package onnxruntime-web)',
  );

/** What a report of some studies carries, and how much of it can be checked. */
export interface CheckedReport {
  readonly engine: PageEngine;
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
 * Computes the twins of studies, one after another. Those that no browser can compute have none, nor have those that were not
 * computed when the signal came.
 * @returns undefined where none has one: such a report carries nothing
 */
export async function checkFigures(
  runs: readonly StudyRun[],
  files: CheckFiles,
  signal?: AbortSignal,
): Promise<CheckedReport | undefined> {
  const shown = runs.flatMap(shownStudy).filter((study) => checkedFigures(study).length > 0);
  const twins = await twinsOf(shown, signal);
  if (twins.length === 0) return undefined;
  const figures = twins.reduce((sum, twin) => sum + twin.figures.length, 0);
  return {
    engine: checkingEngine(twins, files),
    studies: twins.map(({ study }) => study),
    text: `${counted(figures, 'figure')} of ${counted(twins.length, 'claim')} can be checked where the report is read`,
  };
}

async function twinsOf(shown: readonly ShownStudy[], signal: AbortSignal | undefined): Promise<readonly Twin[]> {
  const line = createProgressLine();
  const open: OpenDevice = (settings) => threadlessDevice({ ...settings, runtime: 'wasm' });
  const twins: Twin[] = [];
  try {
    for (const study of shown) {
      signal?.throwIfAborted();
      const title = `${study.study.name} | twin ${twins.length + 1}/${shown.length}`;
      line.begin(title);
      const say = ({ cells, allCells }: TwinProgress): void =>
        line.update(`${title} | ${cells}/${counted(allCells, 'cell')}`);
      twins.push(await makeTwin(study, open, say, signal));
    }
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  } finally {
    line.done();
  }
  return twins;
}

/** A study that has come to a result. */
function shownStudy({ study, plan, budget, outcome }: StudyRun): readonly ShownStudy[] {
  if (typeof outcome === 'string') return [];
  const request = planRequestOf({ name: study.name, budget, protocol: plan.protocol });
  return [{ study, plan, request, result: outcome.result, cells: outcome.cells.map(({ cell }) => cell) }];
}
