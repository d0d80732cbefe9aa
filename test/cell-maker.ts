/** @file Cells that are made by hand, in a moment: what tests of how cells lie on the disk share. */

import fs from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../src/records/canonical-json.ts';
import type { HeldProbe } from '../src/records/cell.ts';
import type { CellWork } from '../src/records/node/attempt.ts';
import { openCell } from '../src/records/node/cell-folder.ts';
import type { StepRecord } from '../src/records/record.ts';
import type { StoredTensor } from '../src/records/safetensors.ts';

export const hash: string = '0123456789abcdef';
export const config: JsonObject = { arm: 'batch', seed: 3, lr: 0.1 };
export const moments: HeldProbe = { name: 'moments', settings: { every: 10 } };
export const ray: HeldProbe = { name: 'ray', settings: { every: 5, at: [0.5, 1] } };

export function record(step: number): StepRecord {
  return { step, quantity: 'loss', value: 1 / (step + 1), definition: `definition ${step % 2}`, mode: 'train' };
}

export function state(step: number): Map<string, StoredTensor> {
  return new Map([['w', { dtype: 'float32', shape: [1, 3], data: Float32Array.of(step, step / 3, -step) }]]);
}

/** Trains as a cell would: one record a step, a checkpoint every third step. */
export function train(work: CellWork, steps: number): void {
  for (let step = work.resumeFrom?.step ?? 0; step < steps; step++) {
    if (step > (work.resumeFrom?.step ?? 0) && step % 3 === 0) {
      work.saveCheckpoint({ step, tensors: state(step), metadata: { at: `${step}` } });
    }
    work.append([record(step)]);
  }
}

/** Makes a whole cell of 11 steps. */
export function finishIn(root: string, probes: readonly HeldProbe[] = [moments]): void {
  const work = openCell(root, hash).begin({ config, probes });
  train(work, 11);
  work.saveCheckpoint({ step: 11, tensors: state(11), metadata: {} });
  work.finish({ loss: Number.NaN });
}

/** Every file below a folder with its bytes; but for `attempt.json`, which says who made it. */
export function contents(folder: string): Record<string, string> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => fs.statSync(join(folder, name)).isFile() && !name.endsWith('attempt.json'));
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(join(folder, name), 'latin1')]));
}

/** The folder of the only whole cell. */
export function wholeFolderIn(root: string): string {
  const folder = openCell(root, hash).maybeFinished()?.folder;
  if (folder === undefined) throw new RangeError('There must be a whole cell');
  return folder;
}

/** What lies in the cell's folder, by kind. */
export function kindsIn(root: string): readonly string[] {
  return fs
    .readdirSync(join(root, hash))
    .map((name) => name.replace(/-.*/, ''))
    .sort();
}
