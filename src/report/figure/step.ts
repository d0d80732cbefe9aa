/** @file Histograms: the outline of each, up and down at the edges of its bins. */
import type { Mark, StepMark } from '../../studies/figure.ts';
import { html } from '../markup.ts';
import { areaPath, linePath } from '../svg/mark.ts';
import { colour } from '../theme.ts';
import { type Drawn, type Place, dashes, inkOf, pixelOf } from './place.ts';
import { type RangePoint, pointsOf, thinCurve } from './points.ts';
import type { Series } from './series.ts';

/** The outlines, lightly filled down to the base but for theory; nothing lies on the base of a logarithmic axis too. */
export function drawSteps(series: Series, steps: readonly StepMark[], place: Place): Drawn {
  const base = place.frame.top + place.frame.height;
  const hue = colour(series.hue);
  const outlines = steps.map((step) => thinCurve(outline(step), pixelOf(place)));
  const marks = outlines.map((points) => {
    const placed = points.map((point) => ({ x: place.x.at(point.x), y: place.y.at(point.high) }));
    const area = areaPath(placed.map(({ x, y }) => ({ x, low: base, high: y })));
    // Theory is an outline, so that what it is compared with can be seen.
    const isFilled = series.hue !== 'theory';
    return html`
      <g>
        <title>${series.title}</title>
        ${isFilled ? html`<path d="${area}" fill="${hue}" fill-opacity="0.14"/>` : undefined}
        <path d="${linePath(placed)}" fill="none" stroke="${hue}" stroke-width="${isFilled ? 1.4 : 1.1}"
          stroke-linejoin="round"${dashes(series)}/>
      </g>`;
  });
  return { marks: html`${marks}`, ink: outlines.flatMap((points) => inkOf(points, place)) };
}

/** It begins and ends at zero. */
function outline({ edges, counts }: StepMark): readonly RangePoint[] {
  const heights = [0, ...counts.flatMap((count) => [count, count]), 0];
  return pointsOf(
    edges.flatMap((edge) => [edge, edge]),
    heights,
    heights,
  );
}

/** Half of the least count that is not zero: a logarithmic axis from there shows bins of one count. */
export function leastShown(marks: readonly Mark[]): readonly number[] {
  const counts = marks.flatMap((mark) => (mark.mark === 'step' ? mark.counts.filter((count) => count > 0) : []));
  return counts.length === 0 ? [] : [counts.reduce((a, b) => Math.min(a, b)) / 2];
}
