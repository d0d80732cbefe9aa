/** @file Bands and curves: seeds over x for each arm, labelled at their right ends. */
import type { BandsFigure, CurvesFigure } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { areaPath, beyondMark, linePath, px, runs, textBlock } from '../svg/mark.ts';
import { type Box, type Ink, spread } from '../svg/place.ts';
import { type Scale, makeScale } from '../svg/scale.ts';
import { lineHeight, textWidth } from '../svg/text.ts';
import { armNames, colour } from '../theme.ts';
import { baseAxis, tickWidth, valueAxis } from './axes.ts';
import { reachedReferences, referenceMarks } from './references.ts';
import { type RangePoint, type SeedRanges, type Series, medianOf, seriesOf, thinCurve, thinRanges } from './series.ts';
import { type FigureSize, dimensions } from './size.ts';

/** The content of the SVG, without title. */
export function drawPanel(figure: BandsFigure | CurvesFigure, size: FigureSize): Markup {
  const series = seriesOf(figure);
  const { width, height } = dimensions[size];
  const labelWidth = Math.max(0, ...series.flatMap((one) => one.lines.map((line) => textWidth(line)))) + 12;
  const points = series.flatMap((one) => one.seeds.flatMap((seed) => seed.points));
  const ends = points.flatMap((point) => [point.low, point.high]);
  const values = [...ends, ...reachedReferences(figure.references, figure.y.scale, ends)];
  const top = 24;
  const plotHeight = height - top - 42;
  const y = makeScale(figure.y.scale, values, [top + plotHeight, top], 'outwards');
  const left = Math.ceil(tickWidth(y)) + 10;
  const frame: Box = { left, top, width: width - left - labelWidth, height: plotHeight };
  const xs = points.map((point) => point.x);
  const x = makeScale(figure.x.scale, xs, [frame.left, frame.left + frame.width], 'none');
  const place = { x, y, frame };

  const traces = series.map((one) => traceOf(one, figure.view, place));
  const ink = traces.flatMap((trace) => trace.ink);
  const references = referenceMarks(figure.references, y, frame, ink);
  const empty = points.some((point) => Number.isFinite(point.low) || Number.isFinite(point.high));
  const nothing = { x: frame.left + frame.width / 2, y: frame.top + frame.height / 2 };
  return html`${valueAxis(y, figure.y, frame)}${references.lines}${traces.map((trace) => trace.marks)}${baseAxis(
    x,
    figure.x,
    frame,
  )}${references.labels}${seriesLabels(traces, frame)}${
    empty ? undefined : textBlock(['no finite values'], nothing, { fill: colour('muted'), anchor: 'middle' })
  }`;
}

interface Place {
  readonly x: Scale;
  readonly y: Scale;
  readonly frame: Box;
}

interface Trace {
  readonly series: Series;
  readonly marks: Markup;
  readonly ink: readonly Ink[];
  /** Where the series ends, for its label. */
  readonly end: number;
}

function traceOf(series: Series, view: 'bands' | 'curves', place: Place): Trace {
  const thin = view === 'bands' ? thinRanges : thinCurve;
  const binOf = (x: number): number => Math.floor(place.x.at(x));
  const seeds = series.seeds.map((seed) => ({ seed: seed.seed, points: thin(seed.points, binOf) }));
  const middle = view === 'curves' ? thinCurve(medianOf(series), binOf) : [];
  const single = view === 'curves' && middle.every((point) => !Number.isFinite(point.low));
  const marks = seeds.map((seed) =>
    view === 'bands'
      ? bandMarks(series, seed, place)
      : curveMark(series, seed.points, place, single ? 2 : 0.8, seed.seed),
  );
  const thick = single ? undefined : curveMark(series, middle, place, 2.2, undefined);
  const ink = seeds.flatMap((seed) => inkOf(seed.points, place));
  // A label stands beside the median of the last tenth of all seeds: a single last probe may be a spike.
  const tail = ink.filter((stroke) => stroke.x > place.frame.left + 0.9 * place.frame.width);
  const centres = (tail.length > 0 ? tail : ink.slice(-1)).map((stroke) => (stroke.top + stroke.bottom) / 2);
  const end = centres.sort((a, b) => a - b)[Math.floor(centres.length / 2)] ?? place.frame.top;
  return { series, marks: html`${marks}${thick}`, ink, end };
}

function bandMarks(series: Series, seed: SeedRanges, place: Place): Markup {
  const hue = colour(series.arm);
  const dash = series.dash === undefined ? undefined : html` stroke-dasharray="${series.dash}"`;
  const placed = seed.points.map((point) => ({
    x: place.x.at(point.x),
    low: place.y.at(point.low),
    high: place.y.at(point.high),
  }));
  const outline =
    linePath(placed.map((p) => ({ x: p.x, y: p.high }))) + linePath(placed.map((p) => ({ x: p.x, y: p.low })));
  return html`<g><title>${seedTitle(series, seed.seed)}</title><path d="${areaPath(placed)}" fill="${hue}" fill-opacity="0.16"/><path d="${outline}" fill="none" stroke="${hue}" stroke-width="0.9" stroke-linejoin="round"${dash}/></g>${beyondMarks(
    seed.points,
    place,
    hue,
  )}`;
}

function curveMark(
  series: Series,
  points: readonly RangePoint[],
  place: Place,
  width: number,
  seed: number | undefined,
): Markup {
  const hue = colour(series.arm);
  const dash = width < 1 || series.dash === undefined ? undefined : html` stroke-dasharray="${series.dash}"`;
  const opacity = width < 1 ? html` stroke-opacity="0.5"` : undefined;
  const path = linePath(points.map((point) => ({ x: place.x.at(point.x), y: place.y.at(point.low) })));
  const name = seed === undefined ? `${series.lines.join(', ')}, median of seeds` : seedTitle(series, seed);
  const beyond = seed === undefined ? undefined : beyondMarks(points, place, hue);
  return html`<path d="${path}" fill="none" stroke="${hue}" stroke-width="${width}" stroke-linejoin="round"${opacity}${dash}><title>${name}</title></path>${beyond}`;
}

/** One triangle per stretch of values that lie beyond the axis: infinite, or not positive on a log axis. */
function beyondMarks(points: readonly RangePoint[], place: Place, hue: string): Markup {
  const [low, high] = place.y.domain;
  const middles = (beyond: (point: RangePoint) => boolean): readonly number[] =>
    runs(points, beyond).map((run) => place.x.at(run[Math.floor(run.length / 2)]?.x ?? 0));
  const above = middles((point) => point.high > high);
  const below = middles((point) => point.low < low);
  return html`${above.map((x) => beyondMark({ x, y: place.y.at(high) }, 'up', hue))}${below.map((x) =>
    beyondMark({ x, y: place.y.at(low) - 6 }, 'down', hue),
  )}`;
}

function inkOf(points: readonly RangePoint[], place: Place): readonly Ink[] {
  return points
    .map((point) => ({ x: place.x.at(point.x), top: place.y.at(point.high), bottom: place.y.at(point.low) }))
    .filter((stroke) => Number.isFinite(stroke.x + stroke.top + stroke.bottom));
}

/** Names at the right ends, moved apart where they would touch, each with a sample of its line. */
function seriesLabels(traces: readonly Trace[], frame: Box): Markup {
  const wishes = traces.map((trace) => ({ centre: trace.end, height: trace.series.lines.length * lineHeight + 3 }));
  const centres = spread(wishes, frame.top - 8, frame.top + frame.height);
  const x = frame.left + frame.width + 8;
  return html`${traces.map(({ series }, i) =>
    textBlock(series.lines, { x: px(x), y: centres[i] ?? 0 }, { fill: colour(`${series.arm}-text`), bold: true }),
  )}`;
}

function seedTitle(series: Series, seed: number): string {
  const lines = series.lines.includes(armNames[series.arm]) ? series.lines : [armNames[series.arm], ...series.lines];
  return `${lines.join(', ')}, seed ${seed}`;
}
