/** @file Bands, curves and histograms in one form: series of ranges over x, where a curve is a range whose ends agree. */
import { median } from '../../math/statistics.ts';
import type { ArmName, PanelFigure } from '../../studies/figure.ts';
import { armNames, armOrder } from '../theme.ts';
import { outline } from './histogram.ts';

export interface RangePoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

export interface SeedRanges {
  readonly seed: number;
  readonly points: readonly RangePoint[];
}

/** All seeds of one arm and label. */
export interface Series {
  readonly arm: ArmName;
  /** What is written beside it, one string per line. */
  readonly lines: readonly string[];
  /** `stroke-dasharray`: what tells it apart without colour; undefined is a solid line. */
  readonly dash: string | undefined;
  readonly seeds: readonly SeedRanges[];
}

const DASHES: readonly (string | undefined)[] = [undefined, '6 3', '2 2.5', '8 2.5 2 2.5'];

/** The series of a figure, standard before batch norm within each label, dashes given in that order. */
export function seriesOf(figure: PanelFigure): readonly Series[] {
  const traces = tracesOf(figure);
  const labels = [...new Set(traces.map((trace) => trace.label))];
  const arms = armOrder.filter((arm) => traces.some((trace) => trace.arm === arm));
  const series: Series[] = [];
  for (const label of labels) {
    for (const arm of arms) {
      const members = traces.filter((trace) => trace.arm === arm && trace.label === label);
      if (members.length === 0) continue;
      // A formula says by itself that it is theory.
      const named = arm !== 'theory' && (arms.length > 1 || label === '') ? [armNames[arm], label] : [label];
      series.push({
        arm,
        lines: named.filter((line) => line !== ''),
        dash: arm === 'theory' ? undefined : DASHES[series.length % DASHES.length],
        seeds: members.map(({ seed, x, low, high }) => ({ seed, points: pointsOf(x, low, high) })),
      });
    }
  }
  return series;
}

interface RangeTrace {
  readonly arm: ArmName;
  readonly label: string;
  readonly seed: number;
  readonly x: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

function tracesOf(figure: PanelFigure): readonly RangeTrace[] {
  if (figure.view === 'bands') return figure.bands.map((band) => ({ ...band, label: '' }));
  const curves = figure.view === 'curves' ? figure.curves : figure.histograms.map(outline);
  return curves.map((curve) => ({ ...curve, low: curve.y, high: curve.y }));
}

function pointsOf(x: readonly number[], low: readonly number[], high: readonly number[]): readonly RangePoint[] {
  return x
    .map((at, i) => ({ x: at, low: low[i] ?? Number.NaN, high: high[i] ?? Number.NaN }))
    .filter((point) => Number.isFinite(point.x));
}

/** The median over seeds at each x that all seeds share, a gap where one of them is not finite; empty for one seed. */
export function medianOf(series: Series): readonly RangePoint[] {
  const [first, ...others] = series.seeds;
  if (first === undefined || others.length === 0) return [];
  const lookups = others.map((seed) => new Map(seed.points.map((point) => [point.x, point.low])));
  return first.points
    .filter((point) => lookups.every((lookup) => lookup.has(point.x)))
    .map((point) => {
      const values = [point.low, ...lookups.map((lookup) => lookup.get(point.x) ?? Number.NaN)];
      const middle = values.every(Number.isFinite) ? median(values) : Number.NaN;
      return { x: point.x, low: middle, high: middle };
    });
}

/**
 * As many points as can be told apart: at most one per bin, whose range covers the bin's. A gap or an infinite value
 * in a bin stays one.
 * @param binOf - the bin of an x, rising with it: its pixel
 */
export function thinRanges(points: readonly RangePoint[], binOf: (x: number) => number): readonly RangePoint[] {
  return binned(points, binOf).map((bin) => {
    const [first] = bin;
    const low = Math.min(...bin.map((point) => point.low));
    const high = Math.max(...bin.map((point) => point.high));
    return { x: first?.x ?? Number.NaN, low, high };
  });
}

/** As `thinRanges` for a curve: each bin keeps its lowest and its highest point, in the order they came. */
export function thinCurve(points: readonly RangePoint[], binOf: (x: number) => number): readonly RangePoint[] {
  return binned(points, binOf).flatMap((bin) => {
    if (bin.length <= 2) return bin;
    const gap = bin.find((point) => Number.isNaN(point.low));
    if (gap !== undefined) return [gap];
    const lowest = bin.reduce((a, b) => (b.low < a.low ? b : a));
    const highest = bin.reduce((a, b) => (b.low > a.low ? b : a));
    if (lowest === highest) return [lowest];
    return bin.indexOf(lowest) < bin.indexOf(highest) ? [lowest, highest] : [highest, lowest];
  });
}

/**
 * What runs through the middle of a series: the median over seeds, or the one seed there is; where points outnumber the
 * bins, the median of each bin.
 */
export function centreOf(series: Series, binOf: (x: number) => number, bins: number): readonly RangePoint[] {
  const points = series.seeds.length === 1 ? (series.seeds[0]?.points ?? []) : medianOf(series);
  if (points.length <= bins) return points;
  return binned(points, binOf).map((bin) => {
    const values = bin.map((point) => point.low);
    const middle = values.every(Number.isFinite) ? median(values) : Number.NaN;
    return { x: bin[bin.length >> 1]?.x ?? Number.NaN, low: middle, high: middle };
  });
}

function binned(points: readonly RangePoint[], binOf: (x: number) => number): readonly (readonly RangePoint[])[] {
  const bins: RangePoint[][] = [];
  let current: number | undefined;
  for (const point of points) {
    const bin = binOf(point.x);
    if (bin !== current) bins.push([]);
    current = bin;
    bins.at(-1)?.push(point);
  }
  return bins;
}
