/** @file Commands that train for about a second on made-up images, and a look at what they leave behind. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One small network, with one probe of each kind. */
export const smallRun: readonly string[] =
  'run mlp --steps 120 --batch 8 --width 0.1 --threads 1 --probe landscape activation-moments --every 40'.split(' ');

/** The landscape study, cut down to 6 cells of 20 steps; too small for a verdict. */
export const smallReproduction: readonly string[] = (
  'reproduce santurkar2018/landscape --set dataset=mnist --set model=mlp --set width=0.05 --set batchSize=8 ' +
  '--set steps=20 --set every=10 --set learningRates=0.1 --set seeds=3 --set firstSeed=0'
).split(' ');

/** A study that only measures. */
export const smallMeasurement: readonly string[] = 'reproduce ioffe2015/scale --set cases=2'.split(' ');

/** The files below a folder, sorted. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The folders of all runs below `runs`, in the order in which they were made. */
export function runFolders(runs: string): readonly string[] {
  return readdirSync(runs)
    .filter((name) => name !== 'cells')
    .sort()
    .map((name) => join(runs, name));
}

/** The folders of one kind of all cells, by the cell's hash: `generation` for those that are whole, `attempt` for others. */
export function cellFolders(runs: string, kind: 'generation' | 'attempt'): readonly (readonly [string, string])[] {
  const cells = join(runs, 'cells');
  if (!existsSync(cells)) return [];
  return readdirSync(cells)
    .sort()
    .flatMap((hash) =>
      readdirSync(join(cells, hash)).flatMap((name) =>
        name.startsWith(`${kind}-`) ? [[hash, join(cells, hash, name)] as const] : [],
      ),
    );
}

/** The content of every whole cell's file of one name, by the cell's hash. */
export function cellFiles(runs: string, name: string): ReadonlyMap<string, string> {
  return new Map(
    cellFolders(runs, 'generation').map(([hash, folder]) => [hash, readFileSync(join(folder, name), 'latin1')]),
  );
}

/** Whether a file is one that a stopped program should have removed, or never have shown. */
export function isLeftover(path: string): boolean {
  return /\.tmp$|\.writable|UNFINISHED|attempt-(damaged|replaced)/.test(path);
}
