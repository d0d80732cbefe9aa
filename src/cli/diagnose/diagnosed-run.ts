/** @file A run of normscope's own as the subject of a diagnosis: its network, as its training left it. */

import { trainingJob } from '../../cells/training.ts';
import type { DatasetName } from '../../data/dataset.ts';
import { need, SettingError, StorageError } from '../../errors.ts';
import type { Problem } from '../../problems/problem.ts';
import type { StoredTensor } from '../../records/safetensors.ts';
import { cellsRoot } from '../cells-root.ts';
import { problemAgain, withoutNorms } from '../run/problem-again.ts';
import { runConfig, runManifest, runPath } from '../report/stored-run.ts';
import { foundCell } from '../reproduce/stored-study.ts';

export interface DiagnosedRun {
  readonly name: string;
  readonly problem: Problem;
  readonly variant: Problem | undefined;
  /** What the last checkpoint holds. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly dataset: DatasetName;
  readonly batchSize: number;
  readonly learningRate: number;
}

/**
 * @param word - the folder of a run, or its report
 * @throws {SettingError} for a run of studies, or of a network of a file
 * @throws {StorageError} where it has not come to its end, or its cell is gone
 */
export function openRun(word: string): DiagnosedRun {
  const path = runPath(word);
  const config = runConfig(path);
  if (config.command !== 'run')
    throw new SettingError(`A diagnosis is of one training, got ${word}, a run of studies; see its report`);
  const manifest = runManifest(path);
  if (manifest === undefined)
    throw new StorageError(`Cannot diagnose ${word}: it has not come to its end; go on with it by --resume`);
  const { training, probes, problem: about } = config;
  const problem = problemAgain(about);
  const { arm, hash } = need(manifest.cells[0], `a cell in the manifest of ${path}`);
  const [asked] = trainingJob({ arm, problem, training, probes }).cells;
  const checkpoint = foundCell(cellsRoot({ out: path, resume: true }), hash, asked?.probes ?? [])?.checkpoint();
  if (checkpoint === undefined)
    throw new StorageError(`Cannot diagnose ${word}: the state of its training is gone; run it again`);
  return {
    name: `${about.network}, norm ${about.norm}, after ${training.steps} steps`,
    problem,
    variant: withoutNorms(about),
    tensors: checkpoint.tensors,
    dataset: training.dataset as DatasetName,
    batchSize: training.batchSize,
    learningRate: training.learningRate,
  };
}
