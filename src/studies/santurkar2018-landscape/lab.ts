/**
 * @file The definition lab: the same rays read by every definition in use, and whether the conclusion survives the change. One
 * row per quantity, one column per statistic and pairing; nothing here is judged but what is marked.
 */

import { memoised } from '../../math/memoised.ts';
import { type Interval, mean, median, quantile, studentInterval } from '../../math/statistics.ts';
import type { CellMark, PlotFigure, Table } from '../figure.ts';
import { format3 } from '../number-text.ts';
import { lossRange, lossWidth } from './effects.ts';
import type { RateGroup, SeedPair } from './groups.ts';
import type { ProbePoint } from './series.ts';
import { type Comparison, matchByLoss } from './window.ts';

interface Definition {
  readonly name: string;
  /** Larger is rougher. */
  readonly of: (point: ProbePoint) => number;
  /** Whether arms are compared by a difference: of what is a logarithm already, or can be 0 or less. */
  readonly isDifference?: boolean;
}

const definitions: readonly Definition[] = [
  { name: 'loss: max L − min L', of: lossRange },
  { name: 'loss: ln(max L / min L)', of: lossWidth, isDifference: true },
  { name: 'loss: largest L', of: ({ lossHigh }) => lossHigh },
  { name: 'loss: largest slope |ΔL|/(s‖g‖)', of: ({ slope }) => slope },
  { name: 'loss: slope at eta', of: (point) => point.at('ray-lipschitz', 1) },
  {
    name: 'loss: |1 − actual/predicted decrease| at eta',
    of: (point) => Math.abs(1 - point.at('ray-decrease-ratio', 1)),
  },
  { name: 'gradient: max ‖Δg‖', of: ({ changeHigh }) => changeHigh },
  { name: 'gradient: max ‖Δg‖ − min ‖Δg‖', of: ({ changeHigh, changeLow }) => changeHigh - changeLow },
  { name: 'gradient: ‖Δg‖/‖g‖ at eta', of: (point) => point.at('ray-relative-change', 1) },
  { name: 'gradient: 1 − cos(g, g′) at eta', of: (point) => 1 - point.at('ray-cosine', 1) },
  { name: 'beta: max over s', of: ({ beta }) => beta },
  { name: 'beta: at eta', of: (point) => point.at('ray-beta', 1) },
  { name: 'beta: at eta/100', of: (point) => point.at('ray-beta', 0.01) },
  { name: 'curvature: kappa at eta', of: (point) => point.at('ray-curvature', 1), isDifference: true },
  { name: 'curvature: kappa at eta/100', of: (point) => point.at('ray-curvature', 0.01), isDifference: true },
];

interface Statistic {
  readonly name: string;
  readonly of: (values: readonly number[]) => number;
}

export const statistics: readonly Statistic[] = [
  { name: 'mean', of: (values) => mean(values) },
  { name: 'median', of: (values) => median(values) },
  { name: '95th', of: (values) => quantile(values, 0.95) },
];

interface Pairing {
  readonly name: string;
  readonly of: (pair: SeedPair) => Comparison | string;
}

const pairings: readonly Pairing[] = [
  { name: 'equal steps', of: ({ window }) => window },
  {
    name: 'matched loss',
    // Asked for by every definition and statistic.
    of: memoised(({ window, batch }: SeedPair) => (typeof window === 'string' ? window : matchByLoss(window, batch))),
  },
];

interface Column {
  readonly pairing: Pairing;
  readonly statistic: Statistic;
}

const columns: readonly Column[] = pairings.flatMap((pairing) =>
  statistics.map((statistic) => ({ pairing, statistic })),
);

/** Which cells of the matrix the study judges. */
const judged: ReadonlySet<string> = new Set([
  'loss: max L − min L, equal steps, mean',
  'loss: ln(max L / min L), equal steps, mean',
  'gradient: max ‖Δg‖, equal steps, 95th',
  'beta: max over s, equal steps, 95th',
]);

interface Concordance {
  readonly definition: Definition;
  readonly column: Column;
  /** Undefined where some seed has no such pairing, or no number. */
  readonly interval: Interval | undefined;
}

/** Positive: rougher without batch norm. Table and figure show the same. */
const concordance = memoised(({ seeds, failure }: RateGroup): readonly Concordance[] =>
  definitions.flatMap((definition) =>
    columns.map((column) => {
      const effects = seeds.map((pair) => effectOf(definition, column, pair));
      const isWhole = failure === undefined && effects.length > 1 && effects.every(Number.isFinite);
      return { definition, column, interval: isWhole ? studentInterval(effects) : undefined };
    }),
  ),
);

function effectOf({ of, isDifference }: Definition, { pairing, statistic }: Column, pair: SeedPair): number {
  const comparison = pairing.of(pair);
  if (typeof comparison === 'string') return Number.NaN;
  const [standard, batch] = [comparison.standard, comparison.batch].map((points) => {
    const values = points.map(of).filter(Number.isFinite);
    return values.length === 0 ? Number.NaN : statistic.of(values);
  }) as [number, number];
  return isDifference === true ? standard - batch : Math.log(standard / batch);
}

/** "smoother with", "rougher with", "undecided": of batch norm. */
function wordOf(interval: Interval | undefined): string {
  if (interval === undefined) return '–';
  if (interval.lower > 0) return 'smoother';
  return interval.upper < 0 ? 'rougher' : 'undecided';
}

/** The matrix in words and numbers, the judged ones in brackets. */
export function labTable(group: RateGroup): Table {
  const all = concordance(group);
  const words = all.map(({ interval }) => wordOf(interval));
  const count = (word: string): number => words.filter((one) => one === word).length;
  return {
    title: `Definition lab, learning rate ${group.rate}`,
    caption:
      `What batch norm is found to be under each definition, from the same rays: the mean over seeds of the effect, positive where the loss is ` +
      `smoother with batch norm (ln of a ratio, or a difference where the quantity is a logarithm or can be negative), with what its 95 % ` +
      `interval says. Of ${words.length} definitions ${count('smoother')} say smoother, ${count('rougher')} rougher, ${count('undecided')} are undecided, ` +
      `and ${count('–')} could not be computed in every seed. [Brackets] mark what the study judges.`,
    columns: ['quantity', ...columns.map(({ pairing, statistic }) => `${statistic.name}, ${pairing.name}`)],
    rows: definitions.map((definition) => [
      definition.name,
      ...columns.map((column) => {
        const { interval } = all.find((one) => one.definition === definition && one.column === column) ?? {};
        const text = interval === undefined ? '–' : `${format3(interval.mean)} ${wordOf(interval)}`;
        return judged.has(`${definition.name}, ${column.pairing.name}, ${column.statistic.name}`) ? `[${text}]` : text;
      }),
    ]),
  };
}

/** The same as colours: effects over the half-width of their interval, so that beyond 1 they have a sign. */
export function labFigure(group: RateGroup): readonly PlotFigure[] {
  const cells = concordance(group).flatMap(({ definition, column, interval }) =>
    interval === undefined
      ? []
      : [
          {
            x: columns.indexOf(column),
            y: definitions.indexOf(definition),
            value: interval.mean / Math.max(interval.upper - interval.mean, Number.MIN_VALUE),
          },
        ],
  );
  if (cells.length === 0) return [];
  const mark: CellMark = {
    mark: 'cell',
    x: cells.map(({ x }) => x),
    y: cells.map(({ y }) => y),
    values: cells.map(({ value }) => Math.max(-3, Math.min(3, value))),
    colour: { label: 'effect / half-width', unit: '', scale: 'linear' },
  };
  return [
    {
      id: `landscape-lab-lr${group.rate}`,
      title: `Which definitions say smoother, learning rate ${group.rate}`,
      caption:
        'Effect of batch norm under each definition over the half-width of its 95 % interval, cut off at ±3: above 1 it is found smoother, below −1 rougher, between them neither.',
      x: {
        label: 'statistic over probes, and pairing',
        unit: '',
        scale: 'linear',
        categories: columns.map(({ pairing, statistic }) => `${statistic.name}, ${pairing.name}`),
      },
      y: { label: '', unit: '', scale: 'linear', categories: definitions.map(({ name }) => name) },
      marks: [mark],
    },
  ];
}
