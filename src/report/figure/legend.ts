/** @file The names of series: beside the end of each where they fit, else side by side under the figure. */
import { type Markup, html } from '../markup.ts';
import { type Point, straight, textBlock } from '../svg/mark.ts';
import { type Box, spread } from '../svg/place.ts';
import { lineHeight, textWidth } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { dotAt } from './dot.ts';
import type { Series } from './series.ts';
import type { Trace } from './trace.ts';

/** The room of a sample and its gap to the name, px. */
export const SAMPLE = 18;
const GAP = 16;
/** How much wider bold letters are. */
const BOLD = 1.1;

/** A series with its label broken into lines that fit beside the frame. */
export interface Labelled {
  readonly series: Series;
  readonly label: readonly string[];
}

/** Whether all labels have room beside the frame, one under the other. */
export function fitBeside(labelled: readonly Labelled[], height: number): boolean {
  return labelled.reduce((sum, { label }) => sum + labelHeight(label), 0) <= height;
}

/**
 * Names at the right ends, moved apart where they would touch.
 * @param sample - the room for a sample before each name, px; 0 where lines lead to their names
 */
export function besideNames(traces: readonly (Trace & Labelled)[], frame: Box, sample: number): Markup {
  const named = traces.filter(({ label }) => label.length > 0);
  const wishes = named.map(({ label, end }) => ({ centre: end, height: labelHeight(label) }));
  const centres = spread(wishes, frame.top - 8, frame.top + frame.height);
  const x = frame.left + frame.width + 8;
  return html`${named.map(({ series, label }, i) => {
    const y = centres[i] ?? 0;
    const style = { fill: colour(`${series.hue}-text`), bold: true };
    return html`
      ${sample === 0 ? undefined : sampleOf(series, { x, y }, sample - 5)}
      ${textBlock(label, { x: x + sample, y }, style)}`;
  })}`;
}

function labelHeight(label: readonly string[]): number {
  return label.length * lineHeight + 3;
}

/** Where each name of a legend stands, from its upper left corner. */
export interface Legend {
  readonly entries: readonly { readonly series: Series; readonly name: string; readonly at: Point }[];
  readonly height: number;
}

/** Names side by side in rows of `width` px. */
export function placeLegend(series: readonly Series[], width: number): Legend {
  let [x, row] = [0, 0];
  const entries = series
    .filter(({ lines }) => lines.length > 0)
    .map((one) => {
      const name = one.lines.join(', ');
      const taken = SAMPLE + 6 + BOLD * textWidth(name) + GAP;
      if (x > 0 && x + taken - GAP > width) [x, row] = [0, row + 1];
      const at = { x, y: (row + 0.5) * (lineHeight + 4) };
      x += taken;
      return { series: one, name, at };
    });
  return { entries, height: entries.length === 0 ? 0 : (row + 1) * (lineHeight + 4) };
}

export function drawLegend({ entries }: Legend, left: number, top: number): Markup {
  return html`${entries.map(({ series, name, at }) => {
    const from = { x: left + at.x, y: top + at.y };
    const style = { fill: colour(`${series.hue}-text`), bold: true };
    return html`
      ${sampleOf(series, from, SAMPLE)}
      ${textBlock([name], { x: from.x + SAMPLE + 6, y: from.y }, style)}`;
  })}`;
}

/** A piece of the series: its line, or its dot where it has nothing else. */
function sampleOf(series: Series, from: Point, length: number): Markup {
  if (series.marks.every(({ mark }) => mark === 'dot')) return dotAt(series, [{ x: from.x + length / 2, y: from.y }]);
  return straight(from, { x: from.x + length, y: from.y }, colour(series.hue), series.dash, 2);
}
