/** @file Two runs or cells beside each other: what they are asked, where their cells part, and where those end. */

import type { FinishedCell } from '../../records/cell.ts';
import { type AskedDifference, askedDifferences } from './compare-config.ts';
import { compareRecords, type RecordsCompared } from './compare-records.ts';
import { type CellPair, matchCells, type Side } from './compare-sides.ts';

/** What a training comes to. */
const lasting = ['loss', 'accuracy', 'test-loss', 'test-accuracy'] as const;

/** The last number of a quantity on either side. */
export interface End {
  readonly quantity: string;
  readonly a: number | undefined;
  readonly b: number | undefined;
}

export interface ComparedCells extends CellPair {
  readonly tolerance: number;
  readonly records: RecordsCompared;
  /** Of what both or one of them has. */
  readonly ends: readonly End[];
}

/** A difference between the configs, with the number of pairs of cells that have it; values are those of the first. */
export interface ComparedAsked extends AskedDifference {
  readonly cells: number;
}

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  readonly asked: readonly ComparedAsked[];
  readonly cells: readonly ComparedCells[];
}

/** @param tolerance - relative difference that is still the same to `beyond`. @throws {StorageError} where a cell is missing. */
export function compareSides(a: Side, b: Side, tolerance: number): Comparison {
  const { pairs, onlyA, onlyB } = matchCells(a, b);
  const cells = pairs.map((pair): ComparedCells => {
    return { ...pair, tolerance, records: compareRecords(pair.a, pair.b, tolerance), ends: endsOf(pair) };
  });
  return { a: a.path, b: b.path, onlyA, onlyB, asked: askedOfAll(pairs), cells };
}

function askedOfAll(pairs: readonly CellPair[]): readonly ComparedAsked[] {
  const found = new Map<string, ComparedAsked>();
  for (const pair of pairs) {
    for (const difference of askedDifferences(pair.a, pair.b)) {
      const known = found.get(difference.key) ?? { ...difference, cells: 0 };
      found.set(difference.key, { ...known, cells: known.cells + 1 });
    }
  }
  return [...found.values()];
}

function endsOf({ a, b }: CellPair): readonly End[] {
  const [ofA, ofB] = [lastValues(a), lastValues(b)];
  return lasting
    .map((quantity) => ({ quantity, a: ofA.get(quantity), b: ofB.get(quantity) }))
    .filter((end) => end.a !== undefined || end.b !== undefined);
}

/** By quantity, of what is measured once a step. */
function lastValues(cell: FinishedCell): ReadonlyMap<string, number> {
  const whole = cell
    .records()
    .filter(({ layer, at, place }) => layer === undefined && at === undefined && place === undefined);
  return new Map(whole.map(({ quantity, value }) => [quantity, value]));
}

/** For machines: what JSON has no number for, as a word. */
export function comparisonJson({ cells, ...told }: Comparison): object {
  const json = {
    ...told,
    cells: cells.map(({ name, a, b, records, ends }) => ({ name, a: a.hash, b: b.hash, ...records, ends })),
  };
  return JSON.parse(
    JSON.stringify(json, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ),
  );
}
