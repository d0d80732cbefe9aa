/** @file Bands, curves and histograms: each arm over x, labelled at its right end. */
import type { PanelFigure } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { straight, textBlock } from '../svg/mark.ts';
import { type Box, spread } from '../svg/place.ts';
import { type Scale, makeScale } from '../svg/scale.ts';
import { lineHeight, textWidth, wrapText } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { axisLabel, baseAxis, tickWidth, valueAxis } from './axes.ts';
import { leastShown } from './histogram.ts';
import { reachedReferences, referenceMarks } from './references.ts';
import { type Series, seriesOf } from './series.ts';
import { type FigureSize, dimensions } from './size.ts';
import { type Trace, drawTrace } from './trace.ts';

/** Room above the frame and below it for a line of the axes' labels, without those lines themselves, px. */
const ABOVE = 9;
const BELOW = 27;
const SAMPLE = 18;

/** The widest label beside the frame, px. */
const LABEL_WIDTH: Readonly<Record<FigureSize, number>> = { panel: 112, wide: 200 };

/** A series with its label broken into lines that fit beside the frame. */
interface LabelledTrace extends Trace {
  readonly label: readonly string[];
}

/** The content of the SVG, without title. */
export function drawPanel(figure: PanelFigure, size: FigureSize): Markup {
  const { width, height } = dimensions[size];
  const series = seriesOf(figure);
  // Where an arm has several lines, or labels stand away from them, a sample of each stands before its label.
  const isAway = figure.view === 'histogram' && series.length > 1;
  const sample = isAway || new Set(series.map((one) => one.arm)).size < series.length ? SAMPLE : 0;
  const labels = series.map((one) => one.lines.flatMap((line) => wrapText(line, LABEL_WIDTH[size] - sample)));
  const labelWidth = Math.max(0, ...labels.flat().map((line) => textWidth(line))) + sample + 12;
  const xLabel = figure.x.label === '' ? [] : wrapText(axisLabel(figure.x), width - 20);
  const yLabel = wrapText(axisLabel(figure.y), width);

  const top = ABOVE + yLabel.length * lineHeight;
  const plotHeight = height - top - BELOW - xLabel.length * lineHeight;
  const y = valueScale(figure, series, [top + plotHeight, top]);
  const left = Math.ceil(tickWidth(y)) + 10;
  const frame: Box = { left, top, width: width - left - labelWidth, height: plotHeight };
  const x = baseScale(figure, series, [left, left + frame.width]);

  const traces = series.map((one, i) => ({ ...drawTrace(one, figure.view, { x, y, frame }), label: labels[i] ?? [] }));
  const ink = traces.flatMap((trace) => trace.ink);
  const references = referenceMarks(figure.references, { x, y }, frame, ink);
  const centre = { x: left + frame.width / 2, y: top + plotHeight / 2 };
  const nothing = textBlock(['no finite values'], centre, { fill: colour('muted'), anchor: 'middle' });
  return html`
    ${valueAxis(y, yLabel, frame)}
    ${traces.map((trace) => trace.marks)}
    ${references.lines}
    ${baseAxis(x, xLabel, frame)}
    ${references.labels}
    ${seriesLabels(traces, frame, sample)}
    ${endsOf(series).some(Number.isFinite) ? undefined : nothing}`;
}

/** The scale of the values and of those references that lie near. */
export function valueScale(figure: PanelFigure, series: readonly Series[], range: readonly [number, number]): Scale {
  const ends = endsOf(series);
  const least = figure.view === 'histogram' && figure.y.scale === 'log' ? [leastShown(figure)] : [];
  const references = reachedReferences(figure.references, 'y', figure.y.scale, ends);
  return makeScale(figure.y.scale, [...ends, ...least, ...references], range, 'outwards');
}

/** The scale of x, from the first point to the last. */
export function baseScale(figure: PanelFigure, series: readonly Series[], range: readonly [number, number]): Scale {
  const xs = series.flatMap((one) => one.seeds.flatMap((seed) => seed.points.map((point) => point.x)));
  const references = reachedReferences(figure.references, 'x', figure.x.scale, xs);
  return makeScale(figure.x.scale, [...xs, ...references], range, 'none');
}

function endsOf(series: readonly Series[]): readonly number[] {
  return series.flatMap((one) => one.seeds.flatMap((seed) => seed.points.flatMap((point) => [point.low, point.high])));
}

/** Names at the right ends, moved apart where they would touch. */
function seriesLabels(traces: readonly LabelledTrace[], frame: Box, sample: number): Markup {
  const wishes = traces.map(({ label, end }) => ({ centre: end, height: label.length * lineHeight + 3 }));
  const centres = spread(wishes, frame.top - 8, frame.top + frame.height);
  const x = frame.left + frame.width + 8;
  return html`${traces.map(({ series, label }, i) => {
    const y = centres[i] ?? 0;
    const line =
      sample === 0 ? undefined : straight({ x, y }, { x: x + sample - 5, y }, colour(series.arm), series.dash, 2);
    const style = { fill: colour(`${series.arm}-text`), bold: true };
    return html`${line}${textBlock(label, { x: x + sample, y }, style)}`;
  })}`;
}
