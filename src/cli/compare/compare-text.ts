/** @file A comparison in lines of at most 80 characters. */

import { counted } from '../../counted.ts';
import { columns } from '../../report/plain-text.ts';
import { format3 } from '../../studies/number-text.ts';
import type { ComparedAsked, ComparedCells, Comparison } from './compare-cells.ts';
import { type Parting, placeOf, type Surplus } from './compare-records.ts';
import { cut, indented, WIDTH } from '../lines.ts';

/** Longer values of a config are cut. */
const LONGEST_VALUE = 22;
/** So many cells that part are told of in full; of the others, where they part. */
const MOST_IN_FULL = 4;
const MOST_LISTED = 8;

export function comparisonText(comparison: Comparison): string {
  const { a, b, cells, onlyA, onlyB, asked } = comparison;
  const same = cells.filter(({ records }) => records.first === undefined).length;
  const parted = cells.filter(({ records }) => records.first !== undefined);
  const blocks = [
    [`A  ${shortened(a)}`, `B  ${shortened(b)}`].join('\n'),
    ...[unmatched('A', onlyA), unmatched('B', onlyB)].filter((text) => text !== ''),
    askedText(asked, cells.length),
    folded(`${counted(cells.length, 'cell')} compared: ${same} the same bit for bit, ${parted.length} not`),
    ...parted.map((cell, i) => (i < MOST_IN_FULL ? cellInFull(cell) : cellInShort(cell))),
    ...cells.filter(({ records }) => records.first === undefined).flatMap(surplusOnly),
  ];
  return blocks.join('\n\n');
}

function unmatched(side: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const rest = names.length > MOST_LISTED ? [`  and ${names.length - MOST_LISTED} more`] : [];
  const lines = names.slice(0, MOST_LISTED).map((name) => folded(`  ${name}`));
  return [`Only in ${side}: ${counted(names.length, 'cell')}`, ...lines, ...rest].join('\n');
}

function askedText(asked: readonly ComparedAsked[], all: number): string {
  if (all === 0) return 'No cell of one belongs beside a cell of the other.';
  if (asked.length === 0) return 'Both are asked the same.';
  const rows = asked.flatMap(({ key, a, b, cells }) => [
    folded(`  ${key}${all > 1 ? ` (${counted(cells, 'cell')})` : ''}`),
    `    ${cut(a ?? 'none', LONGEST_VALUE)} | ${cut(b ?? 'none', LONGEST_VALUE)}`,
  ]);
  return [`They are asked different things, in ${counted(asked.length, 'key')} (A | B):`, ...rows].join('\n');
}

function cellInFull({ name, records, ends, tolerance }: ComparedCells): string {
  const { first, firstLayer, beyond, growth } = records;
  const table = stretches(growth).map(({ from, to, largest }) => [
    `    ${from === to ? from : `${from}–${to}`}`,
    format3(largest.relative),
    cut(placeOf(largest), 44),
  ]);
  const lasting = ends.map(({ quantity, a, b }) => [`    ${quantity}`, numberText(a), numberText(b)]);
  return [
    folded(name),
    ...(first === undefined ? [] : partingLines('part', first)),
    ...(firstLayer === undefined || firstLayer === first ? [] : partingLines('part in a layer', firstLayer)),
    ...(tolerance === 0 ? [] : partingLines(`part by more than ${tolerance}`, beyond)),
    ...surplusLines(records.onlyA, 'A'),
    ...surplusLines(records.onlyB, 'B'),
    ...(records.redefined.length > 0 ? [folded(`  defined otherwise: ${records.redefined.join(', ')}`)] : []),
    ...(table.length > 0 ? [columns([['    steps', 'largest', 'of (relative difference)'], ...table])] : []),
    ...(lasting.length > 0 ? [columns([['    at the end', 'A', 'B'], ...lasting])] : []),
  ].join('\n');
}

function cellInShort({ name, records }: ComparedCells): string {
  const { first } = records;
  return [folded(name), ...(first === undefined ? [] : partingLines('part', first))].join('\n');
}

function surplusOnly({ name, records }: ComparedCells): readonly string[] {
  const lines = [...surplusLines(records.onlyA, 'A'), ...surplusLines(records.onlyB, 'B')];
  return lines.length === 0 ? [] : [[folded(name), ...lines].join('\n')];
}

function partingLines(how: string, parting: Parting | undefined): readonly string[] {
  if (parting === undefined) return [`  nowhere do they ${how}`];
  const { step, a, b, relative } = parting;
  return [
    folded(`  ${how} at step ${step}: ${placeOf(parting)}`),
    folded(`    ${a} | ${b}, relative difference ${format3(relative)}`),
  ];
}

function surplusLines(surplus: readonly Surplus[], side: string): readonly string[] {
  if (surplus.length === 0) return [];
  const count = surplus.reduce((sum, one) => sum + one.count, 0);
  const words = surplus.slice(0, MOST_LISTED).map(({ quantity, count: of, firstStep, lastStep }) => {
    const steps = firstStep === lastStep ? `step ${firstStep}` : `steps ${firstStep}–${lastStep}`;
    return `${quantity} ${of} (${steps})`;
  });
  const rest =
    surplus.length > MOST_LISTED ? `, and ${counted(surplus.length - MOST_LISTED, 'quantity', 'quantities')} more` : '';
  return [folded(`  only in ${side}: ${counted(count, 'record')}: ${words.join(', ')}${rest}`)];
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly largest: Parting;
}

/** At most eight stretches of steps at which anything differs, each twice as long as the one before, as growth shows best. */
export function stretches(growth: readonly Parting[]): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let start = 0, length = Math.max(1, growth.length / 255); start < growth.length; length *= 2) {
    const end = Math.min(growth.length, Math.ceil(start + length));
    const part = growth.slice(start, end);
    const [first, last] = [part[0], part.at(-1)];
    if (first === undefined || last === undefined) break;
    const largest = part.reduce((most, one) => (one.relative > most.relative ? one : most), first);
    found.push({ from: first.step, to: last.step, largest });
    start = end;
  }
  return found;
}

function numberText(value: number | undefined): string {
  return value === undefined ? 'none' : String(Number(value.toPrecision(9)));
}

/** A path whose end is what tells it from others. */
function shortened(path: string): string {
  return path.length <= WIDTH - 3 ? path : `…${path.slice(4 - WIDTH)}`;
}

/** Broken between words, with what follows hanging; a word of its own that is too long is cut. */
function folded(text: string): string {
  const indent = /^ */.exec(text)?.[0].length ?? 0;
  const words = text
    .trim()
    .split(' ')
    .map((word) => cut(word, WIDTH - indent - 2));
  return indented(words.join(' '), indent, indent + 2);
}
