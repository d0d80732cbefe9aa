/**
 * @file The ledger: what studies came to, kept in files that no one writes by hand. `ledger.json` has every entry ever made; from it
 * a page per study and an index are written anew. Nothing is taken away: an entry of the same study, budget, protocol and lowering
 * supersedes the one before it, which stays below.
 */

import fs from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { canonicalJson, plainJson } from '../../records/canonical-json.ts';
import { makeFolder, readJson, writeFileAtomic, writeJson } from '../../records/node/atomic.ts';
import { renderFigure } from '../../report/figure/figure.ts';
import { formatNumber } from '../../report/format.ts';
import type { Figure, Table } from '../../studies/figure.ts';
import { protocolHash, questionHash } from '../../studies/protocol-hash.ts';
import { entry, type LedgerEntry, ledgerFile, type LedgerTable } from './ledger-entry.ts';
import { standingOf } from './ledger-standing.ts';
import { indexPage, studyPage } from './ledger-pages.ts';
import { budgets } from '../../studies/study.ts';
import type { Manifest } from '../report/manifest.ts';
import type { StudyRun } from '../reproduce/study-section.ts';

/**
 * Adds to the ledger in a folder what the studies of a run came to; one that is there already is not added twice.
 * @returns how many were added
 * @throws {DataError} where the folder holds a ledger that cannot be read.
 */
export function addToLedger(
  folder: string,
  runs: readonly StudyRun[],
  { lines }: Pick<Manifest, 'lines'>,
  created: string,
): number {
  const known = readLedger(folder);
  const figures = new Map<string, readonly Figure[]>();
  const made = runs.flatMap((run): LedgerEntry[] => {
    if (typeof run.outcome === 'string') return [];
    const found = entryOf(run, run.outcome.result, lines, created);
    figures.set(found.study, run.outcome.result.figures);
    return [found];
  });
  const added = made.filter((one) => !known.some((other) => sameText(other) === sameText(one)));
  const entries = [...known, ...added];
  makeFolder(folder);
  for (const one of added) {
    const [first] = standingOf(entries.filter(({ study }) => study === one.study));
    // Figures of anything else would be of other numbers than those that they stand beside.
    if (first?.entry === one) writeFigures(join(folder, 'figures', fileName(one.study)), figures.get(one.study) ?? []);
  }
  for (const study of new Set(entries.map((one) => one.study))) {
    const own = entries.filter((one) => one.study === study);
    writeFileAtomic(join(folder, `${fileName(study)}.md`), studyPage(own, fileName(study)));
  }
  writeFileAtomic(join(folder, 'README.md'), indexPage(entries));
  // Last, so that what it names is there.
  writeJson(join(folder, 'ledger.json'), plainJson({ entries }));
  return added.length;
}

function entryOf(
  { study, plan, budget, command }: StudyRun,
  result: Exclude<StudyRun['outcome'], string>['result'],
  lines: Manifest['lines'],
  created: string,
): LedgerEntry {
  const hash = protocolHash(study, plan);
  const known = budgets.find((one) => one === budget);
  const question = known === undefined ? hash : questionHash(study, plan, known);
  return entry.parse({
    study: study.name,
    title: study.title,
    budget,
    protocolHash: hash,
    ...(question !== hash && { question }),
    created,
    verdict: result.verdict,
    sentence: result.sentence,
    parts: JSON.parse(JSON.stringify(result.parts)),
    notes: result.notes,
    ...(result.tables.length > 0 && { tables: result.tables.map(tableOf) }),
    command,
    manifest: lines,
    figures: result.figures.map(({ id }) => `${id}.svg`),
  });
}

function tableOf({ title, caption, columns, rows }: Table): LedgerTable {
  const text = (cell: string | number): string => (typeof cell === 'number' ? formatNumber(cell) : cell);
  return { title, caption, columns, rows: rows.map((row) => row.map(text)) };
}

function readLedger(folder: string): readonly LedgerEntry[] {
  const path = join(folder, 'ledger.json');
  if (!fs.existsSync(path)) return [];
  const read = ledgerFile.safeParse(readJson(path));
  if (read.success) return read.data.entries;
  throw new DataError(
    `Cannot add to the ledger: ${path} must hold its entries, got ${read.error.issues[0]?.message ?? 'something else'}`,
  );
}

function writeFigures(folder: string, figures: readonly Figure[]): void {
  fs.rmSync(folder, { recursive: true, force: true });
  makeFolder(folder);
  for (const figure of figures) writeFileAtomic(join(folder, `${figure.id}.svg`), renderFigure(figure));
}

function sameText(one: LedgerEntry): string {
  return canonicalJson(plainJson({ ...one }));
}

/** "santurkar2018-landscape". */
function fileName(study: string): string {
  return study.replace('/', '-');
}
