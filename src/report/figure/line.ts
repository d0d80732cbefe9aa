/** @file Lines: one thin line per seed under the thick one in their middle. */
import type { LineMark } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { linePath, px } from '../svg/mark.ts';
import { colour } from '../theme.ts';
import { type Drawn, type Place, beyondMarks, dashes, inkOf, pixelOf, seedTitle } from './place.ts';
import { type RangePoint, type SeedRanges, centreOf, pointsOf, thinCurve } from './points.ts';
import type { Series } from './series.ts';

/** Lines of at most so many points have them marked: between them nothing was measured. */
const MOST_MARKED = 15;

/** All lines of a series, with no more points than can be told apart; a lone one with few is the thick line itself. */
export function drawLines(series: Series, lines: readonly LineMark[], place: Place): Drawn {
  const seeds = lines.map(({ seed, x, y }) => ({ seed, points: pointsOf(x, y, y) }));
  const thinned = seeds.map(({ seed, points }) => ({ seed, points: thinCurve(points, pixelOf(place)) }));
  return {
    marks: html`${lineMarks(series, seeds, thinned, place)}${thinned.map((seed) => beyondMarks(seed.points, place, series))}`,
    ink: thinned.flatMap((seed) => inkOf(seed.points, place)),
  };
}

function lineMarks(
  series: Series,
  seeds: readonly SeedRanges[],
  thinned: readonly SeedRanges[],
  place: Place,
): readonly Markup[] {
  const binOf = (x: number): number => Math.floor(place.x.at(x) / 3);
  const centre = centreOf(seeds, binOf, place.frame.width);
  const [first] = thinned;
  const lone = thinned.length === 1 && first?.points.length === centre.length;
  const thin = lone
    ? []
    : thinned.map((seed) => lineMark(seed.points, place, seedTitle(series, seed.seed), series, 'thin'));
  const title = lone ? seedTitle(series, first?.seed) : `${series.title}, median`;
  const line = lineMark(centre, place, title, series, 'thick');
  const isSparse = centre.length <= MOST_MARKED && series.hue !== 'theory';
  return [...thin, line, ...(isSparse ? [pointMarks(centre, place, series)] : [])];
}

/** A dot at each point of a line that has few, drawn as strokes without length. */
function pointMarks(points: readonly RangePoint[], place: Place, { hue }: Series): Markup {
  const dots = points
    .map((point) => ({ x: place.x.at(point.x), y: place.y.at(point.low) }))
    .filter(({ x, y }) => Number.isFinite(x + y))
    .map(({ x, y }) => `M${px(x)},${px(y)}h0`);
  return html`
    <path d="${dots.join('')}" fill="none" stroke="${colour(hue)}" stroke-width="6" stroke-linecap="round"/>`;
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
      : html` stroke-width="${series.hue === 'theory' ? 1.1 : 2.2}"${dashes(series)}`;
  return html`
    <path d="${path}" fill="none" stroke="${colour(series.hue)}" stroke-linejoin="round"${look}>
      <title>${title}</title>
    </path>`;
}
