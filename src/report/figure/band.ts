/** @file Bands: a range over x, filled, with a thin outline. */
import type { BandMark } from '../../studies/figure.ts';
import { html } from '../markup.ts';
import { areaPath, linePath } from '../svg/mark.ts';
import { colour } from '../theme.ts';
import { type Drawn, type Place, beyondMarks, dashes, inkOf, pixelOf, seedTitle } from './place.ts';
import { pointsOf, thinRanges } from './points.ts';
import type { Series } from './series.ts';

/** All bands of a series, one per seed, with no more points than can be told apart. */
export function drawBands(series: Series, bands: readonly BandMark[], place: Place): Drawn {
  const seeds = bands.map(({ seed, x, low, high }) => ({
    seed,
    points: thinRanges(pointsOf(x, low, high), pixelOf(place)),
  }));
  const hue = colour(series.hue);
  const marks = seeds.map(({ seed, points }) => {
    const placed = points.map((point) => ({
      x: place.x.at(point.x),
      low: place.y.at(point.low),
      high: place.y.at(point.high),
    }));
    const tops = placed.map(({ x, high }) => ({ x, y: high }));
    const bottoms = placed.map(({ x, low }) => ({ x, y: low }));
    return html`
      <g>
        <title>${seedTitle(series, seed)}</title>
        <path d="${areaPath(placed)}" fill="${hue}" fill-opacity="0.16"/>
        <path d="${linePath(tops)}${linePath(bottoms)}" fill="none" stroke="${hue}" stroke-width="0.9"
          ${dashes(series)} stroke-linejoin="round"/>
      </g>`;
  });
  return {
    marks: html`${marks}${seeds.map(({ points }) => beyondMarks(points, place, series))}`,
    ink: seeds.flatMap(({ points }) => inkOf(points, place)),
  };
}
