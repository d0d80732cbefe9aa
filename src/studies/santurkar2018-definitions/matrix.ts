/** @file The concordance matrix in words and as colours, and how often each choice of a definition says what. */

import type { CellMark, PlotFigure, Table } from '../figure.ts';
import { format3 } from '../number-text.ts';
import { columns, type Entry, optimiserNames } from './concordance.ts';
import type { Definition, Family } from './definition.ts';

export const families: readonly Family[] = ['landscape', 'predictiveness', 'smoothness', 'covariate shift'];

/** Entries row by row, in their order. */
function rowsOf(entries: readonly Entry[]): readonly (readonly [Definition, readonly Entry[]])[] {
  const rows = new Map<Definition, Entry[]>();
  for (const entry of entries) rows.set(entry.definition, [...(rows.get(entry.definition) ?? []), entry]);
  return [...rows];
}

function nameOf({ name, publiclyBy, judged }: Definition): string {
  return `${judged === undefined ? '' : '● '}${name}${publiclyBy === undefined ? '' : ` (${publiclyBy})`}`;
}

/** One table per family; what is judged elsewhere in brackets, with its margin. */
export function matrixTables(entries: readonly Entry[]): readonly Table[] {
  return families.map((family) => ({
    title: `Concordance of definitions: ${family}`,
    caption:
      'Mean over seeds of the effect, positive where the loss is smoother (or the gradient shifts less) with batch norm: ln of the ratio (standard / batch ' +
      'norm), or a difference where the quantity is a logarithm or can be negative; and what its 95 % interval says. [Brackets], in rows with ●, mark what ' +
      'another study judges, with the margin there; elsewhere it is 0. A dash: not measured, or not in every seed.',
    columns: ['definition', ...columns.map(({ name }) => name)],
    rows: rowsOf(entries.filter(({ definition }) => definition.family === family)).map(([definition, row]) => [
      nameOf(definition),
      ...columns.map((column) => {
        const entry = row.find((one) => one.column === column);
        if (entry?.interval === undefined) return '–';
        const text = `${format3(entry.interval.mean)} ${entry.word}`;
        return entry.isJudged ? `[${text}, margin ${format3(entry.margin)}]` : text;
      }),
    ]),
  }));
}

/** The same as colours, one figure per family. */
export function matrixFigures(entries: readonly Entry[]): readonly PlotFigure[] {
  return families.flatMap((family): readonly PlotFigure[] => {
    const rows = rowsOf(entries.filter(({ definition }) => definition.family === family));
    const cells = rows.flatMap(([, row], y) =>
      row.flatMap(({ column, interval, margin }) => {
        if (interval === undefined) return [];
        const halfWidth = Math.max(interval.upper - interval.mean, Number.MIN_VALUE);
        const value = Math.max(-3, Math.min(3, (interval.mean - margin) / halfWidth));
        return [{ x: columns.indexOf(column), y, value }];
      }),
    );
    if (cells.length === 0) return [];
    const mark: CellMark = {
      mark: 'cell',
      x: cells.map(({ x }) => x),
      y: cells.map(({ y }) => y),
      values: cells.map(({ value }) => Number(value.toFixed(2))),
      colour: { label: '(effect − margin) / half-width', unit: '', scale: 'linear' },
    };
    return [
      {
        id: `definitions-${family.replaceAll(' ', '-')}`,
        title: `Which definitions of ${family} say what`,
        caption:
          'Effect of batch norm under each definition, less its margin, over the half-width of its 95 % interval, cut off at ±3: above 1 the loss is found ' +
          'smoother (the shift less) with batch norm, below −1 it is not, between them the seeds do not say. ● marks rows that another study judges.',
        x: {
          label: 'optimiser, pairing, and statistic over probes',
          unit: '',
          scale: 'linear',
          categories: columns.map(({ name }) => name),
        },
        y: { label: '', unit: '', scale: 'linear', categories: rows.map(([definition]) => nameOf(definition)) },
        marks: [mark],
      },
    ];
  });
}

interface Choice {
  readonly name: string;
  readonly is: (entry: Entry) => boolean;
}

const choices: readonly Choice[] = [
  { name: 'all', is: () => true },
  ...(['sgd', 'adam'] as const).map((optimiser) => ({
    name: optimiserNames[optimiser],
    is: ({ column }: Entry) => column.optimiser === optimiser,
  })),
  ...(['equal steps', 'matched loss'] as const).map((pairing) => ({
    name: pairing,
    is: ({ column }: Entry) => column.pairing === pairing,
  })),
  ...(['mean', 'median', '95th'] as const).map((statistic) => ({
    name: `${statistic} over probes`,
    is: ({ column }: Entry) => column.statistic === statistic,
  })),
  ...(['batch', 'running', 'frozen', 'recomputed'] as const).map((statistics) => ({
    name: `${statistics} statistics`,
    is: ({ definition }: Entry) => definition.statistics === statistics,
  })),
  ...(['same', 'fresh'] as const).map((batch) => ({
    name: `${batch} batch`,
    is: ({ definition }: Entry) => definition.batch === batch,
  })),
  ...(['absolute', 'relative'] as const).map((scale) => ({
    name: scale,
    is: ({ definition }: Entry) => definition.scale === scale,
  })),
  ...(['parameters', 'one layer', 'activations'] as const).map((of) => ({
    name: of === 'parameters' ? 'all parameters or layers' : of,
    is: ({ definition }: Entry) => definition.of === of,
  })),
];

/** Which conclusions survive a change of definition: per choice, what the definitions that make it say. */
export function choicesTable(entries: readonly Entry[]): Table {
  return {
    title: 'What survives a change of definition',
    caption:
      'Per choice and family, of the definitions that make it: how many say smoother (less shifted) with batch norm : the opposite, or not by the margin : ' +
      'undecided. A conclusion survives a choice where all of a row agree with “all”.',
    columns: ['choice', ...families],
    rows: choices.map(({ name, is }) => [
      name,
      ...families.map((family) =>
        countText(entries.filter((entry) => entry.definition.family === family && is(entry))),
      ),
    ]),
  };
}

/** "12 : 3 : 5"; a dash where there is none. */
function countText(entries: readonly Entry[]): string {
  const { smoother, against, undecided } = tally(entries);
  return smoother + against + undecided === 0 ? '–' : `${smoother} : ${against} : ${undecided}`;
}

export interface Tally {
  readonly smoother: number;
  /** Rougher, or not smoother by the margin. */
  readonly against: number;
  readonly undecided: number;
  readonly missing: number;
}

export function tally(entries: readonly Entry[]): Tally {
  const count = (...words: readonly Entry['word'][]): number =>
    entries.filter(({ word }) => words.includes(word)).length;
  return {
    smoother: count('smoother'),
    against: count('rougher', 'not smoother'),
    undecided: count('undecided'),
    missing: count(undefined),
  };
}
