/** @file Points over x as ranges, where those of a line have ends that agree: their median, and no more than can be seen. */
import { median } from '../../math/statistics.ts';

export interface RangePoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** The points of one seed. */
export interface SeedRanges {
  readonly seed: number | undefined;
  readonly points: readonly RangePoint[];
}

/** Points whose x is finite; values that are missing are NaN. */
export function pointsOf(x: readonly number[], low: readonly number[], high: readonly number[]): readonly RangePoint[] {
  const points: RangePoint[] = [];
  for (const [i, at] of x.entries()) {
    if (Number.isFinite(at)) points.push({ x: at, low: low[i] ?? Number.NaN, high: high[i] ?? Number.NaN });
  }
  return points;
}

/** The median over seeds at each x that all seeds share, a gap where one of them is not finite; empty for one seed. */
export function medianOf(seeds: readonly SeedRanges[]): readonly RangePoint[] {
  const [first, ...others] = seeds;
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
  const kept: RangePoint[] = [];
  for (const bin of binned(points, binOf)) {
    if (bin.length <= 2) kept.push(...bin);
    else kept.push(...extremesOf(bin));
  }
  return kept;
}

/** The lowest and the highest of some points in their order, the first of equal ones; or their first gap. */
function extremesOf(points: readonly RangePoint[]): readonly RangePoint[] {
  let [lowest, highest] = [0, 0];
  for (const [i, { low }] of points.entries()) {
    if (Number.isNaN(low)) return points.slice(i, i + 1);
    if (low < (points[lowest]?.low ?? low)) lowest = i;
    if (low > (points[highest]?.low ?? low)) highest = i;
  }
  const ends = lowest === highest ? [lowest] : [Math.min(lowest, highest), Math.max(lowest, highest)];
  return ends.flatMap((i) => points[i] ?? []);
}

/**
 * What runs through the middle of seeds: the median over seeds, or the one seed there is; where points outnumber the
 * bins, the median of each bin.
 */
export function centreOf(
  seeds: readonly SeedRanges[],
  binOf: (x: number) => number,
  bins: number,
): readonly RangePoint[] {
  const points = seeds.length === 1 ? (seeds[0]?.points ?? []) : medianOf(seeds);
  if (points.length <= bins) return points;
  return binned(points, binOf).map((bin) => {
    const values = bin.map((point) => point.low);
    const middle = values.every(Number.isFinite) ? median(values) : Number.NaN;
    return { x: bin[bin.length >> 1]?.x ?? Number.NaN, low: middle, high: middle };
  });
}

function binned(points: readonly RangePoint[], binOf: (x: number) => number): readonly (readonly RangePoint[])[] {
  const bins: RangePoint[][] = [];
  let open: RangePoint[] = [];
  let current: number | undefined;
  for (const point of points) {
    const bin = binOf(point.x);
    if (bin !== current) {
      open = [];
      bins.push(open);
    }
    current = bin;
    open.push(point);
  }
  return bins;
}
