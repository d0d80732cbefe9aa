/** @file One series of a panel: its seeds as bands or lines, and what lies beyond the axis. */
import type { PanelFigure } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { areaPath, beyondMark, linePath, px, runs } from '../svg/mark.ts';
import type { Box, Ink } from '../svg/place.ts';
import type { Scale } from '../svg/scale.ts';
import { armNames, colour } from '../theme.ts';
import { type RangePoint, type SeedRanges, type Series, centreOf, thinCurve, thinRanges } from './series.ts';

/** Lines of at most so many points have them marked: between them nothing was measured. */
const MOST_MARKED = 15;

/** Where a panel draws. */
export interface Place {
  readonly x: Scale;
  readonly y: Scale;
  readonly frame: Box;
}

export interface Trace {
  readonly series: Series;
  readonly marks: Markup;
  /** What labels should not cover. */
  readonly ink: readonly Ink[];
  /** The height at which the series ends, for its label, px. */
  readonly end: number;
}

/** Draws all seeds of a series, with no more points than can be told apart. */
export function drawTrace(series: Series, view: PanelFigure['view'], place: Place): Trace {
  const pixelOf = (x: number): number => Math.floor(place.x.at(x));
  const thin = view === 'bands' ? thinRanges : thinCurve;
  const seeds = series.seeds.map(({ seed, points }) => ({ seed, points: thin(points, pixelOf) }));
  const ink = seeds.flatMap((seed) => inkOf(seed.points, place));
  if (view === 'histogram') {
    // All histograms end at nothing: their labels stand as high as their peaks.
    const peak = Math.min(...ink.map((stroke) => stroke.top));
    const marks = html`${seeds.map((seed) => histogramMark(series, seed.points, place))}`;
    return { series, marks, ink, end: Number.isFinite(peak) ? peak : place.frame.top };
  }
  const marks =
    view === 'bands' ? seeds.map((seed) => bandMark(series, seed, place)) : curveMarks(series, seeds, place);
  const beyond = seeds.map((seed) => beyondMarks(seed.points, place, colour(series.arm)));
  return { series, marks: html`${marks}${beyond}`, ink, end: endOf(ink, place.frame) };
}

function bandMark(series: Series, { seed, points }: SeedRanges, place: Place): Markup {
  const placed = points.map((point) => ({
    x: place.x.at(point.x),
    low: place.y.at(point.low),
    high: place.y.at(point.high),
  }));
  const tops = placed.map(({ x, high }) => ({ x, y: high }));
  const bottoms = placed.map(({ x, low }) => ({ x, y: low }));
  const hue = colour(series.arm);
  return html`
    <g>
      <title>${seedTitle(series, seed)}</title>
      <path d="${areaPath(placed)}" fill="${hue}" fill-opacity="0.16"/>
      <path d="${linePath(tops)}${linePath(bottoms)}" fill="none" stroke="${hue}" stroke-width="0.9"
        ${dashes(series)} stroke-linejoin="round"/>
    </g>`;
}

/** The outline, lightly filled down to the base; nothing lies on the base of a logarithmic axis too. */
function histogramMark(series: Series, points: readonly RangePoint[], place: Place): Markup {
  const placed = points.map((point) => ({ x: place.x.at(point.x), y: place.y.at(point.high) }));
  const base = place.frame.top + place.frame.height;
  const area = areaPath(placed.map(({ x, y }) => ({ x, low: base, high: y })));
  const hue = colour(series.arm);
  return html`
    <g>
      <title>${fullName(series)}</title>
      <path d="${area}" fill="${hue}" fill-opacity="0.14"/>
      <path d="${linePath(placed)}" fill="none" stroke="${hue}" stroke-width="1.4"
        stroke-linejoin="round"${dashes(series)}/>
    </g>`;
}

/** A thin line per seed under the thick one in their middle; a lone seed with few points is the thick line itself. */
function curveMarks(series: Series, seeds: readonly SeedRanges[], place: Place): readonly Markup[] {
  const binOf = (x: number): number => Math.floor(place.x.at(x) / 3);
  const centre = centreOf(series, binOf, place.frame.width);
  const lone = seeds.length === 1 && seeds[0]?.points.length === centre.length;
  const thin = lone
    ? []
    : seeds.map((seed) => lineMark(seed.points, place, seedTitle(series, seed.seed), series, 'thin'));
  const title = lone ? seedTitle(series, seeds[0]?.seed ?? 0) : `${fullName(series)}, median`;
  const line = lineMark(centre, place, title, series, 'thick');
  const isSparse = centre.length <= MOST_MARKED && series.arm !== 'theory';
  return [...thin, line, ...(isSparse ? [pointMarks(centre, place, series)] : [])];
}

/** A dot at each point of a line that has few, drawn as strokes without length. */
function pointMarks(points: readonly RangePoint[], place: Place, series: Series): Markup {
  const dots = points
    .map((point) => ({ x: place.x.at(point.x), y: place.y.at(point.low) }))
    .filter(({ x, y }) => Number.isFinite(x + y))
    .map(({ x, y }) => `M${px(x)},${px(y)}h0`);
  return html`
    <path d="${dots.join('')}" fill="none" stroke="${colour(series.arm)}" stroke-width="6" stroke-linecap="round"/>`;
}

function lineMark(
  points: readonly RangePoint[],
  place: Place,
  title: string,
  series: Series,
  weight: 'thin' | 'thick',
): Markup {
  const path = linePath(points.map((point) => ({ x: place.x.at(point.x), y: place.y.at(point.low) })));
  const look =
    weight === 'thin'
      ? html` stroke-width="0.8" stroke-opacity="0.4"`
      : html` stroke-width="${series.arm === 'theory' ? 1.1 : 2.2}"${dashes(series)}`;
  return html`
    <path d="${path}" fill="none" stroke="${colour(series.arm)}" stroke-linejoin="round"${look}>
      <title>${title}</title>
    </path>`;
}

function dashes(series: Series): Markup | undefined {
  return series.dash === undefined ? undefined : html` stroke-dasharray="${series.dash}"`;
}

/** One triangle per stretch of values that lie beyond the axis: infinite, or not positive on a log axis. */
function beyondMarks(points: readonly RangePoint[], place: Place, hue: string): Markup {
  const [low, high] = place.y.domain;
  const middles = (beyond: (point: RangePoint) => boolean): readonly number[] =>
    runs(points, beyond).map((run) => place.x.at(run[run.length >> 1]?.x ?? 0));
  const above = middles((point) => point.high > high).map((x) => beyondMark({ x, y: place.y.at(high) }, 'up', hue));
  const below = middles((point) => point.low < low).map((x) => beyondMark({ x, y: place.y.at(low) }, 'down', hue));
  return html`${above}${below}`;
}

function inkOf(points: readonly RangePoint[], place: Place): readonly Ink[] {
  return points
    .map((point) => ({ x: place.x.at(point.x), top: place.y.at(point.high), bottom: place.y.at(point.low) }))
    .filter((stroke) => Number.isFinite(stroke.x + stroke.top + stroke.bottom));
}

/** The median height over the last tenth of the frame: a single last probe may be a spike. */
function endOf(ink: readonly Ink[], frame: Box): number {
  const last = Math.max(...ink.map((stroke) => stroke.x));
  const heights = ink
    .filter((stroke) => stroke.x >= last - frame.width / 10)
    .map((stroke) => (stroke.top + stroke.bottom) / 2)
    .sort((a, b) => a - b);
  return heights[heights.length >> 1] ?? frame.top;
}

function fullName(series: Series): string {
  const arm = armNames[series.arm];
  return (arm === '' || series.lines.includes(arm) ? series.lines : [arm, ...series.lines]).join(', ');
}

function seedTitle(series: Series, seed: number): string {
  return `${fullName(series)}, seed ${seed}`;
}
