/** @file Where the cells of a command are: below `--runs`, or where the run that it goes on with has them. */

import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { type CellJob, cellHash, type Circumstances } from '../cells/job.ts';
import { StorageError } from '../errors.ts';
import { assertWritableFolder, makeFolder } from '../records/node/atomic.ts';
import { openCell } from '../records/node/cell-folder.ts';
import { rememberedCells } from '../records/node/run-folder.ts';

/** What says where cells are. */
export interface CellsPlace {
  /** Undefined where it was not given. */
  readonly runs?: string;
  readonly out?: string;
  readonly resume?: boolean;
}

/**
 * The folder of all cells; new runs are put beside it.
 * @throws {StorageError} where the run to go on with has its cells in a folder that is not there.
 */
export function cellsRoot({ runs, out, resume }: CellsPlace): string {
  const remembered = resume === true && out !== undefined ? rememberedCells(out) : undefined;
  if (remembered === undefined || runs !== undefined) return join(runs ?? 'runs', 'cells');
  if (fs.existsSync(dirname(remembered))) return remembered;
  throw new StorageError(
    `Cannot go on with ${out ?? ''}: its cells were in ${remembered}, which is not there; ` +
      'say where they are now with --runs DIR',
  );
}

/** The folder of new runs, there and writable. @throws {StorageError} where it is not to be had. */
export function writableRuns(root: string): string {
  const runs = dirname(root);
  makeFolder(runs);
  assertWritableFolder(runs);
  return runs;
}

/** Says on standard error where a run that is to be gone on with has left nothing to go on with. */
export function sayIfNothingIsLeft(
  { out, resume }: CellsPlace,
  { jobs, circumstances, root }: { jobs: readonly CellJob[]; circumstances: Circumstances; root: string },
): void {
  if (resume !== true) return;
  const cells = jobs.flatMap((job) => job.cells);
  if (cells.some((cell) => openCell(root, cellHash(cell, circumstances)).state() !== 'absent')) return;
  process.stderr.write(`No cell of the run in ${out ?? ''} is in ${root}: it begins at its first step.\n`);
}
