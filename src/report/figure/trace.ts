/** @file One series in one panel: its marks of every kind, and where it ends. */
import { type Markup, html } from '../markup.ts';
import type { Box, Ink } from '../svg/place.ts';
import { drawBands } from './band.ts';
import { drawDots } from './dot.ts';
import { drawLines } from './line.ts';
import type { Drawn, Place } from './place.ts';
import { drawRidges } from './ridge.ts';
import type { Series, SeriesMark } from './series.ts';
import { drawSteps } from './step.ts';

export interface Trace {
  readonly series: Series;
  readonly marks: Markup;
  /** What labels should not cover. */
  readonly ink: readonly Ink[];
  /** The height at which the series ends, for its label, px. */
  readonly end: number;
}

/** Wide marks lie under narrow ones. */
export function drawTrace(series: Series, place: Place): Trace {
  const marksOf = <K extends SeriesMark['mark']>(kind: K) =>
    series.marks.filter((mark): mark is Extract<SeriesMark, { mark: K }> => mark.mark === kind);
  const draw = <M>(marks: readonly M[], drawn: (series: Series, marks: readonly M[], place: Place) => Drawn): Drawn =>
    marks.length === 0 ? { marks: html``, ink: [] } : drawn(series, marks, place);
  const bands = draw(marksOf('band'), drawBands);
  const steps = draw(marksOf('step'), drawSteps);
  const ridges = draw(marksOf('ridge'), drawRidges);
  const lines = draw(marksOf('line'), drawLines);
  const dots = draw(marksOf('dot'), drawDots);
  const along = [...bands.ink, ...lines.ink];
  return {
    series,
    marks: html`${[bands, steps, ridges, lines, dots].map(({ marks }) => marks)}`,
    ink: [...along, ...steps.ink, ...ridges.ink, ...dots.ink],
    end: along.length > 0 ? endOf(along, place.frame) : peakOf([...steps.ink, ...ridges.ink], place.frame),
  };
}

/** The median height over the last tenth of the frame: a single last probe may be a spike. */
function endOf(ink: readonly Ink[], frame: Box): number {
  const last = ink.reduce((most, { x }) => Math.max(most, x), Number.NEGATIVE_INFINITY);
  const heights = ink
    .filter((stroke) => stroke.x >= last - frame.width / 10)
    .map((stroke) => (stroke.top + stroke.bottom) / 2)
    .sort((a, b) => a - b);
  return heights[heights.length >> 1] ?? frame.top;
}

/** All histograms end at nothing: their labels stand as high as their peaks, and those of dots at the top. */
function peakOf(ink: readonly Ink[], frame: Box): number {
  const peak = ink.reduce((least, { top }) => Math.min(least, top), Number.POSITIVE_INFINITY);
  return Number.isFinite(peak) ? peak : frame.top;
}
