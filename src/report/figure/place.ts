/** @file Where a panel draws, and what marks of all kinds leave there: ink, and arrows for what lies beyond. */
import { type Markup, html } from '../markup.ts';
import { beyondMark, runs } from '../svg/mark.ts';
import type { Box, Ink } from '../svg/place.ts';
import type { Scale } from '../svg/scale.ts';
import { colour } from '../theme.ts';
import type { RangePoint } from './points.ts';
import type { Series } from './series.ts';

export interface Place {
  readonly x: Scale;
  readonly y: Scale;
  readonly frame: Box;
}

/** Marks of one kind of one series. */
export interface Drawn {
  readonly marks: Markup;
  /** What labels should not cover. */
  readonly ink: readonly Ink[];
}

export function inkOf(points: readonly RangePoint[], place: Place): readonly Ink[] {
  return points
    .map((point) => ({ x: place.x.at(point.x), top: place.y.at(point.high), bottom: place.y.at(point.low) }))
    .filter((stroke) => Number.isFinite(stroke.x + stroke.top + stroke.bottom));
}

/** One triangle per stretch of values that lie beyond the axis: infinite, or not positive on a log axis. */
export function beyondMarks(points: readonly RangePoint[], place: Place, { hue }: Series): Markup {
  const [low, high] = place.y.domain;
  const middles = (beyond: (point: RangePoint) => boolean): readonly number[] =>
    runs(points, beyond).map((run) => place.x.at(run[run.length >> 1]?.x ?? 0));
  const fill = colour(hue);
  const above = middles((point) => point.high > high).map((x) => beyondMark({ x, y: place.y.at(high) }, 'up', fill));
  const below = middles((point) => point.low < low).map((x) => beyondMark({ x, y: place.y.at(low) }, 'down', fill));
  return html`${above}${below}`;
}

/** The pixel of an x: points that share one need not all be drawn. */
export function pixelOf({ x }: Place): (value: number) => number {
  return (value) => Math.floor(x.at(value));
}

/** `stroke-dasharray` as an attribute. */
export function dashes({ dash }: Pick<Series, 'dash'>): Markup | undefined {
  return dash === undefined ? undefined : html` stroke-dasharray="${dash}"`;
}

export function seedTitle({ title }: Series, seed: number | undefined): string {
  return seed === undefined ? title : `${title}, seed ${seed}`;
}
