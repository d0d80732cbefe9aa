/** @file Bands and curves: seeds over x for each arm, labelled at their right ends. */
import type { BandsFigure, CurvesFigure } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { straight, textBlock } from '../svg/mark.ts';
import { type Box, spread } from '../svg/place.ts';
import { makeScale } from '../svg/scale.ts';
import { lineHeight, textWidth } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { baseAxis, tickWidth, valueAxis } from './axes.ts';
import { reachedReferences, referenceMarks } from './references.ts';
import { seriesOf } from './series.ts';
import { type FigureSize, dimensions } from './size.ts';
import { type Trace, drawTrace } from './trace.ts';

/** Room above the frame for the label of the value axis, and below it for ticks and label of the base, px. */
const ABOVE = 24;
const BELOW = 42;
const SAMPLE = 18;

/** The content of the SVG, without title. */
export function drawPanel(figure: BandsFigure | CurvesFigure, size: FigureSize): Markup {
  const { width, height } = dimensions[size];
  const series = seriesOf(figure);
  const points = series.flatMap((one) => one.seeds.flatMap((seed) => seed.points));
  const ends = points.flatMap((point) => [point.low, point.high]);

  const plotHeight = height - ABOVE - BELOW;
  const values = [...ends, ...reachedReferences(figure.references, figure.y.scale, ends)];
  const y = makeScale(figure.y.scale, values, [ABOVE + plotHeight, ABOVE], 'outwards');
  // Where an arm has several lines, a sample of each stands before its label.
  const sample = new Set(series.map((one) => one.arm)).size < series.length ? SAMPLE : 0;
  const labelWidth = Math.max(0, ...series.flatMap((one) => one.lines.map((line) => textWidth(line)))) + sample + 12;
  const left = Math.ceil(tickWidth(y)) + 10;
  const frame: Box = { left, top: ABOVE, width: width - left - labelWidth, height: plotHeight };
  const xs = points.map((point) => point.x);
  const x = makeScale(figure.x.scale, xs, [left, left + frame.width], 'none');

  const traces = series.map((one) => drawTrace(one, figure.view, { x, y, frame }));
  const ink = traces.flatMap((trace) => trace.ink);
  const references = referenceMarks(figure.references, y, frame, ink);
  const centre = { x: left + frame.width / 2, y: ABOVE + plotHeight / 2 };
  const nothing = textBlock(['no finite values'], centre, { fill: colour('muted'), anchor: 'middle' });
  return html`
    ${valueAxis(y, figure.y, frame)}
    ${traces.map((trace) => trace.marks)}
    ${references.lines}
    ${baseAxis(x, figure.x, frame)}
    ${references.labels}
    ${seriesLabels(traces, frame, sample)}
    ${ends.some(Number.isFinite) ? undefined : nothing}`;
}

/** Names at the right ends, moved apart where they would touch. */
function seriesLabels(traces: readonly Trace[], frame: Box, sample: number): Markup {
  const wishes = traces.map(({ series, end }) => ({ centre: end, height: series.lines.length * lineHeight + 3 }));
  const centres = spread(wishes, frame.top - 8, frame.top + frame.height);
  const x = frame.left + frame.width + 8;
  return html`${traces.map(({ series }, i) => {
    const y = centres[i] ?? 0;
    const line =
      sample === 0 ? undefined : straight({ x, y }, { x: x + sample - 5, y }, colour(series.arm), series.dash, 2);
    const style = { fill: colour(`${series.arm}-text`), bold: true };
    return html`${line}${textBlock(series.lines, { x: x + sample, y }, style)}`;
  })}`;
}
