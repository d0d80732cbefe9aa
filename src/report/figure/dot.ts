/** @file Dots: one shape per series, and a bar for where each may lie. */
import type { DotMark } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { type Point, px, straight } from '../svg/mark.ts';
import { colour } from '../theme.ts';
import { type Drawn, type Place, beyondMarks, inkOf, seedTitle } from './place.ts';
import { pointsOf } from './points.ts';
import type { Series } from './series.ts';

/** All dots of a series; of those that fall on one pixel, one. */
export function drawDots(series: Series, dots: readonly DotMark[], place: Place): Drawn {
  const points = dots.map(({ x, y }) => pointsOf(x, y, y));
  const marks = dots.map((mark) => html`${intervals(series, mark, place)}${dotMark(series, mark, place)}`);
  return {
    marks: html`${marks}${points.map((some) => beyondMarks(some, place, series))}`,
    ink: points.flatMap((some) => inkOf(some, place)),
  };
}

/** A dot at a point in the shape of a series, for legends too. */
export function dotAt({ hue, shape }: Series, points: readonly Point[], title?: Markup): Markup {
  const path = points.map(({ x, y }) => `M${px(x)},${px(y)}${shape}`).join('');
  return html`<path d="${path}" fill="${colour(hue)}" fill-opacity="0.8">${title}</path>`;
}

function dotMark(series: Series, { seed, x, y }: DotMark, { x: across, y: up }: Place): Markup {
  const pixels = new Map<string, Point>();
  for (const [i, value] of x.entries()) {
    const height = y[i] ?? Number.NaN;
    const at = { x: Math.round(across.at(value)), y: Math.round(up.at(height)) };
    if (Number.isFinite(value) && Number.isFinite(height)) pixels.set(`${at.x},${at.y}`, at);
  }
  return dotAt(series, [...pixels.values()], html`<title>${seedTitle(series, seed)}</title>`);
}

function intervals({ hue }: Series, { x, y, interval }: DotMark, place: Place): readonly Markup[] {
  if (interval === undefined) return [];
  return x.flatMap((value, i) => {
    const height = y[i] ?? Number.NaN;
    const ends = [interval.low[i] ?? Number.NaN, interval.high[i] ?? Number.NaN];
    const [from, to] = ends.map((end) =>
      interval.along === 'x'
        ? { x: place.x.at(end), y: place.y.at(height) }
        : { x: place.x.at(value), y: place.y.at(end) },
    ) as [Point, Point];
    const isDrawn = Number.isFinite(value + height + from.x + from.y + to.x + to.y);
    return isDrawn ? [straight(from, to, colour(hue), undefined, 1.6)] : [];
  });
}
