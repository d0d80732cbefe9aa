/** @file How distributions run over training, as marks: a ridgeline of histograms, bands between percentiles. */

import { type Histogram, quantileOf } from '../records/histogram.ts';
import type { StepRecord } from '../records/record.ts';
import type { BandMark, LineMark, RidgeMark } from './figure.ts';
import { thinned } from './thinned.ts';

/** Rows that a ridgeline has at most: more could not be told apart on a phone. */
const MOST_ROWS = 12;
/** How far the peak of each row reaches, in distances between rows. */
const REACH = 1.8;
/** The share of values that is cut off at either end: the one value furthest out would decide the scale of all others. */
const CUT = 0.005;

/** To whom marks belong, and in which panel. */
export type MarkOf = Pick<RidgeMark, 'arm' | 'panel'>;

/**
 * A row per step, or per so many steps that there are at most twelve. Each row is as high as the others: its density, over the largest of its own. Bins beyond what
 * holds 99 % of every row are left out.
 * @param unit - what values are measured in
 */
export function ridgeMarks(histograms: readonly Histogram[], of: MarkOf, unit = 1): readonly RidgeMark[] {
  const rows = thinned(histograms, MOST_ROWS);
  const low = Math.min(...rows.map((row) => quantileOf(row, CUT)));
  const high = Math.max(...rows.map((row) => quantileOf(row, 1 - CUT)));
  const steps = rows.map(({ about }) => about.step);
  const [first = 0, last = 0] = [steps[0], steps.at(-1)];
  const gap = rows.length > 1 ? (last - first) / (rows.length - 1) : 1;
  return rows.map(({ about, edges, counts }): RidgeMark => {
    const shown = counts.flatMap((count, bin) => {
      const [left = Number.NaN, right = Number.NaN] = edges.slice(bin, bin + 2);
      return right > low && left < high ? [{ left, right, count }] : [];
    });
    // All bins of a row are of one width, so that counts are in proportion to densities.
    const peak = Math.max(...counts);
    return {
      mark: 'ridge',
      ...of,
      base: about.step,
      edges: [...shown.map(({ left }) => left), shown.at(-1)?.right ?? Number.NaN].map((edge) => edge / unit),
      heights: shown.map(({ count }) => (REACH * gap * count) / peak),
    };
  });
}

/** Percentiles over steps. */
export interface Percentiles {
  readonly steps: readonly number[];
  /** By which of 100, ascending; of each as many values as there are steps. */
  readonly values: ReadonlyMap<number, readonly number[]>;
}

/** The recorded percentiles of one layer or unit. */
export function percentilesOf(records: readonly StepRecord[]): Percentiles {
  const places = [...new Set(records.flatMap(({ at }) => at ?? []))].toSorted((a, b) => a - b);
  const own = (place: number): readonly StepRecord[] => records.filter(({ at }) => at === place);
  return {
    steps: own(places[0] ?? Number.NaN).map(({ step }) => step),
    values: new Map(places.map((place) => [place, own(place).map(({ value }) => value)])),
  };
}

/** The same of histograms, exact to the width of a bin. */
export function percentilesIn(histograms: readonly Histogram[], places: readonly number[]): Percentiles {
  return {
    steps: histograms.map(({ about }) => about.step),
    values: new Map(places.map((place) => [place, histograms.map((one) => quantileOf(one, place / 100))])),
  };
}

/** The median as a line where it is there, and bands: from the outermost percentiles, within it from the next, and so on. */
export function percentileMarks({ steps, values }: Percentiles, of: MarkOf): readonly (LineMark | BandMark)[] {
  const sides = [...values.keys()].filter((place) => place !== 50);
  const at = (place: number): readonly number[] => values.get(place) ?? [];
  const bands = sides.slice(0, sides.length >> 1).map((low, i): BandMark => {
    const high = sides.at(-1 - i) ?? low;
    return { mark: 'band', ...of, label: `${low} to ${high} %`, x: steps, low: at(low), high: at(high) };
  });
  const single = sides.length % 2 === 1 ? sides.slice(sides.length >> 1, (sides.length >> 1) + 1) : [];
  const lines = [...(values.has(50) ? [50] : []), ...single].map(
    (place): LineMark => ({
      mark: 'line',
      ...of,
      label: place === 50 ? 'median' : `${place} %`,
      x: steps,
      y: at(place),
    }),
  );
  return [...lines, ...bands];
}
