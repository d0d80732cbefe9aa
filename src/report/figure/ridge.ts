/** @file Ridgelines: outlines one behind the other, each on a base of its own. */
import type { RidgeMark } from '../../studies/figure.ts';
import { html } from '../markup.ts';
import { linePath } from '../svg/mark.ts';
import { colour } from '../theme.ts';
import { type Drawn, type Place, inkOf, pixelOf } from './place.ts';
import { type RangePoint, pointsOf, thinCurve } from './points.ts';
import type { Series } from './series.ts';

/** From the highest base to the lowest: each covers the feet of those behind it. */
export function drawRidges(series: Series, ridges: readonly RidgeMark[], place: Place): Drawn {
  const hue = colour(series.hue);
  const outlines = ridges
    .toSorted((one, other) => other.base - one.base)
    .map((ridge) => thinCurve(outline(ridge), pixelOf(place)));
  const marks = outlines.map((points) => {
    // It begins and ends on its base, which closes what is filled.
    const path = linePath(points.map((point) => ({ x: place.x.at(point.x), y: place.y.at(point.high) })));
    return html`
      <path d="${path}" fill="${colour('paper')}" fill-opacity="0.85"/>
      <path d="${path}" fill="${hue}" fill-opacity="0.28" stroke="${hue}" stroke-width="1.1" stroke-linejoin="round"/>`;
  });
  return {
    marks: html`<g><title>${series.title}</title>${marks}</g>`,
    ink: outlines.flatMap((points) => inkOf(points, place)),
  };
}

/** Straight from the middle of each bin to the next, from the base at the left end to the base at the right one. */
function outline({ base, edges, heights }: RidgeMark): readonly RangePoint[] {
  const middles = heights.map((_, bin) => ((edges[bin] ?? Number.NaN) + (edges[bin + 1] ?? Number.NaN)) / 2);
  const levels = [0, ...heights, 0].map((height) => base + height);
  return pointsOf([edges[0] ?? Number.NaN, ...middles, edges.at(-1) ?? Number.NaN], levels, levels);
}
