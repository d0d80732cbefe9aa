/**
 * @file The learning-rate envelope: from the least to the largest training loss, at each step, of networks that were trained
 * separately at several rates. Many public copies plot it as "the landscape"; it compares trajectories, and is another quantity.
 */

import { type Interval, mean, median, quantile, studentInterval } from '../../math/statistics.ts';
import type { PlotFigure, Table } from '../figure.ts';
import { format3 } from '../number-text.ts';
import { stepsAxis } from '../trained-figures.ts';
import { runningMean } from '../training-curves.ts';
import { wordOf } from './concordance.ts';
import type { Measured } from './measured.ts';
import type { Arm } from './protocol.ts';

/** All rates of one seed, arm by arm. */
export interface EnvelopeSeed {
  readonly seed: number;
  readonly runs: Readonly<Record<Arm, readonly Measured[]>>;
}

interface Bounds {
  readonly steps: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const arms = ['standard', 'batch'] as const;

/** At the steps that all runs have. */
function bounds(curves: readonly ReadonlyMap<number, number>[]): Bounds {
  const [first = new Map<number, number>(), ...others] = curves;
  const steps = [...first.keys()].filter((step) =>
    curves.every((curve) => Number.isFinite(curve.get(step) ?? Number.NaN)),
  );
  const at = (step: number): number[] => [first, ...others].map((curve) => curve.get(step) ?? Number.NaN);
  return {
    steps,
    low: steps.map((step) => Math.min(...at(step))),
    high: steps.map((step) => Math.max(...at(step))),
  };
}

function series(run: Measured, quantity: string, layer?: string): ReadonlyMap<number, number> {
  const { x, y } = run.records.series(quantity, 'step', layer === undefined ? {} : { layer });
  return new Map(x.map((step, i) => [step, y[i] ?? Number.NaN]));
}

const lossBounds = (runs: readonly Measured[]): Bounds => bounds(runs.map((run) => series(run, 'loss')));

interface Row {
  readonly name: string;
  readonly of: (runs: readonly Measured[], layer: string) => readonly number[];
  readonly isDifference?: boolean;
}

const widths = ({ low, high }: Bounds): readonly number[] => high.map((value, i) => value - (low[i] ?? Number.NaN));
const changes = (runs: readonly Measured[], layer: string): Bounds =>
  bounds(runs.map((run) => series(run, 'successive-gradient-change', layer)));

const rows: readonly Row[] = [
  { name: 'loss: max − min over rates', of: (runs) => widths(lossBounds(runs)) },
  {
    name: 'loss: ln(max / min) over rates',
    isDifference: true,
    of: (runs) => {
      const { low, high } = lossBounds(runs);
      return high.map((value, i) => Math.log(value / (low[i] ?? Number.NaN)));
    },
  },
  {
    name: '“gradient predictiveness”: max − min over rates of ‖g_t − g_t+1‖',
    of: (...from) => widths(changes(...from)),
  },
  {
    name: '“effective beta”: max over rates of ‖g_t − g_t+1‖, over no distance',
    of: (...from) => changes(...from).high,
  },
];

const statistics = [
  ['mean', (values: readonly number[]) => mean(values)],
  ['median', (values: readonly number[]) => median(values)],
  ['95th', (values: readonly number[]) => quantile(values, 0.95)],
] as const;

function intervalOf(
  seeds: readonly EnvelopeSeed[],
  row: Row,
  statistic: (values: readonly number[]) => number,
  layer: string,
): Interval | undefined {
  const effects = seeds.map(({ runs }) => {
    const [standard, batch] = arms.map((arm) => {
      const values = row.of(runs[arm], layer).filter(Number.isFinite);
      return values.length === 0 ? Number.NaN : statistic(values);
    }) as [number, number];
    return row.isDifference === true ? standard - batch : Math.log(standard / batch);
  });
  return effects.length > 1 && effects.every(Number.isFinite) ? studentInterval(effects) : undefined;
}

export function envelopeTable(seeds: readonly EnvelopeSeed[], layer: string, rates: readonly number[]): Table {
  return {
    title: 'Learning-rate envelope: another quantity',
    caption:
      `Networks trained separately at SGD's rates ${rates.join(', ')}, from the same weights, over ${seeds.length} seeds: at each step the range over rates. ` +
      'Many public copies plot the first as “the landscape”, and one the last two as “gradient predictiveness” and “effective beta”. These ' +
      'compare different trajectories, not the points of one ray; no part counts them. Effects over the whole run, positive where narrower with batch ' +
      'norm; “smoother” here says narrower.',
    columns: ['quantity', ...statistics.map(([name]) => name)],
    rows: rows.map((row) => [
      row.name,
      ...statistics.map(([, of]) => {
        const interval = intervalOf(seeds, row, of, layer);
        return interval === undefined ? '–' : `${format3(interval.mean)} ${wordOf(interval, 0)}`;
      }),
    ]),
  };
}

/** Bands of the running loss, every few steps. */
export function envelopeFigure(seeds: readonly EnvelopeSeed[], rates: readonly number[]): readonly PlotFigure[] {
  const marks = seeds.flatMap(({ seed, runs }) =>
    arms.flatMap((arm) => {
      const smooth = runs[arm].map((run) => {
        const curve = series(run, 'loss');
        const means = runningMean([...curve.values()]);
        return new Map([...curve.keys()].map((step, i) => [step, means[i] ?? Number.NaN]));
      });
      const { steps, low, high } = bounds(smooth);
      const every = Math.max(1, Math.round(steps.length / 50));
      const kept = steps.flatMap((step, i) =>
        i % every === 0 ? [{ step, low: low[i] ?? 0, high: high[i] ?? 0 }] : [],
      );
      if (kept.length === 0) return [];
      return [
        {
          mark: 'band' as const,
          arm,
          seed,
          x: kept.map(({ step }) => step),
          low: kept.map((point) => point.low),
          high: kept.map((point) => point.high),
        },
      ];
    }),
  );
  if (marks.length === 0) return [];
  return [
    {
      id: 'definitions-envelope',
      title: 'Learning-rate envelope',
      caption: `Smallest to largest training loss (running mean of 20 batches) over networks trained separately at rates ${rates.join(', ')}; one band per seed. This is not the loss along a step.`,
      x: stepsAxis,
      y: { label: 'training loss (nats)', unit: '', scale: 'log' },
      marks,
    },
  ];
}
