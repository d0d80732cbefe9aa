/** @file The two sides of a comparison: runs or single cells, and which cell of one belongs beside which of the other. */

import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cellText } from '../../cells/job.ts';
import { StorageError } from '../../errors.ts';
import { canonicalJson } from '../../records/canonical-json.ts';
import type { FinishedCell } from '../../records/cell.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import { cellsRoot } from '../cells-root.ts';
import { runManifest, runPath, type StoredCell } from '../report/stored-run.ts';

/** A cell by what it is called in its run. */
interface SideCell extends StoredCell {
  /** Of which study, where the run says. */
  readonly study: string | undefined;
}

export interface Side {
  readonly path: string;
  /** Where its cells are. */
  readonly root: string;
  /** Those of its studies, each by its study's own names. */
  readonly byStudy: readonly SideCell[];
  /** All, told apart by what varies in the whole run. */
  readonly all: readonly SideCell[];
}

/** Two cells that belong beside each other. */
export interface CellPair {
  /** "santurkar2018/landscape: batch, learning rate 0.1, seed 0". */
  readonly name: string;
  readonly a: FinishedCell;
  readonly b: FinishedCell;
}

export interface Matched {
  readonly pairs: readonly CellPair[];
  /** The names of cells that only one side has. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
}

/**
 * The cells of a folder: of a run, or of one cell.
 * @param runs - where the cells of a run are by now
 * @throws {StorageError} where it is neither, or a run that has not come to its end
 */
export function sideOf(word: string, runs: string | undefined): Side {
  const path = runPath(word);
  if (fs.existsSync(join(path, 'config.json'))) return sideOfRun(path, runs);
  const place = basename(path).startsWith('generation-') ? dirname(path) : path;
  const [root, hash] = [dirname(place), basename(place)];
  if (!/^[0-9a-f]{32}$/.test(hash) || openCell(root, hash).maybeFinished() === undefined) {
    throw new StorageError(`Cannot compare ${word}: it is neither the folder of a run nor that of a finished cell`);
  }
  const cell = { study: undefined, arm: 'cell', seed: 0, setting: { hash }, hash };
  return { path, root, byStudy: [cell], all: [cell] };
}

function sideOfRun(path: string, runs: string | undefined): Side {
  const manifest = runManifest(path);
  if (manifest === undefined) {
    throw new StorageError(
      `Cannot compare ${path}: the run has not come to its end; the command that began it goes on with it`,
    );
  }
  const all = manifest.cells.map((cell) => ({ ...cell, study: undefined }));
  const studies = manifest.studies ?? [];
  return {
    path,
    root: cellsRoot({ ...(runs !== undefined && { runs }), out: path, resume: true }),
    byStudy:
      studies.length === 0
        ? all
        : studies.flatMap(({ name, cells }) => cells.map((cell) => ({ ...cell, study: name }))),
    all,
  };
}

/** Matches by study, arm, seed and setting; two lone cells belong together whatever they are called. @throws {StorageError} */
export function matchCells(a: Side, b: Side): Matched {
  const haveStudies = [a, b].every(({ byStudy }) => byStudy.some(({ study }) => study !== undefined));
  const [ofA, ofB] = haveStudies ? [a.byStudy, b.byStudy] : [a.all, b.all];
  const [loneA, loneB] = [ofA[0], ofB[0]];
  if (ofA.length === 1 && ofB.length === 1 && loneA !== undefined && loneB !== undefined) {
    const names = [...new Set([nameOf(loneA), nameOf(loneB)])];
    return {
      pairs: [{ name: names.join(' beside '), a: opened(a, loneA), b: opened(b, loneB) }],
      onlyA: [],
      onlyB: [],
    };
  }
  const others = new Map(ofB.map((cell) => [keyOf(cell), cell]));
  const matched = ofA.map((cell) => ({ cell, other: others.get(keyOf(cell)) }));
  const taken = new Set(matched.map(({ cell }) => keyOf(cell)));
  return {
    pairs: matched.flatMap(({ cell, other }) =>
      other === undefined ? [] : [{ name: nameOf(cell), a: opened(a, cell), b: opened(b, other) }],
    ),
    onlyA: matched.flatMap(({ cell, other }) => (other === undefined ? [nameOf(cell)] : [])),
    onlyB: ofB.filter((cell) => !taken.has(keyOf(cell))).map(nameOf),
  };
}

function opened({ path, root }: Side, cell: SideCell): FinishedCell {
  const found = openCell(root, cell.hash).maybeFinished();
  if (found !== undefined) return found;
  throw new StorageError(
    `Cannot compare ${path}: ${root} lacks its cell ${nameOf(cell)}; normscope report ${path} says which command makes it`,
  );
}

function keyOf({ study, arm, seed, setting }: SideCell): string {
  return canonicalJson([study ?? null, arm, seed, setting]);
}

function nameOf({ study, arm, seed, setting, hash }: SideCell): string {
  if (arm === 'cell') return `cell ${hash.slice(0, 8)}`;
  const text = cellText({ arm, seed, place: setting });
  return study === undefined ? text : `${study}: ${text}`;
}
