/**
 * @file Histograms as records have them: one record per bin that holds something, at its centre in units of the largest
 * magnitude, which is a record of its own. They are gathered here for whoever wants them whole.
 */
import { canonicalJson } from './canonical-json.ts';
import type { StepRecord } from './record.ts';

/** How the names of counts end, and those of the largest magnitude. */
export const COUNT = '-count';
export const LARGEST = '-largest';

/** Odd, so that zero is the middle of a bin, and a symmetric distribution has symmetric counts. */
export const HISTOGRAM_BINS = 65;

/** The middle of a bin, on the scale from −1 to 1. */
export function binCentre(bin: number): number {
  return (2 * bin + 1) / HISTOGRAM_BINS - 1;
}

/** Whether a quantity is the counts of such a probe. */
export function isHistogramCount(quantity: string): boolean {
  return quantity.endsWith(COUNT);
}

/** The counts of all bins of one unit of width, of which records name those that are not empty. */
export function countsOf(bins: readonly StepRecord[]): readonly number[] {
  const counts = Array.from({ length: HISTOGRAM_BINS }, () => 0);
  for (const { at = 0, value } of bins) counts[Math.floor(((at + 1) / 2) * HISTOGRAM_BINS)] = value;
  return counts;
}

/** Values in bins: counts between consecutive edges, of which there is one more. */
export interface Histogram<Row extends StepRecord = StepRecord> {
  /** The record of its first bin, which says of what and when it is. */
  readonly about: Row;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/**
 * The histograms among some records of one cell, in their order. One whose largest magnitude is not there, 0 or not finite has no bins
 * and is left out.
 */
export function histogramsOf<Row extends StepRecord>(records: readonly Row[]): readonly Histogram<Row>[] {
  const keyOf = (record: Row, prefix: string): string => {
    const { step, layer = '', mode, place = {}, probe = '' } = record;
    return `${prefix}|${step}|${layer}|${mode}|${canonicalJson(place)}|${probe}`;
  };
  const bins = new Map<string, [Row, ...Row[]]>();
  const largest = new Map<string, number>();
  for (const record of records) {
    const { quantity, at, value } = record;
    if (quantity.endsWith(LARGEST)) largest.set(keyOf(record, quantity.slice(0, -LARGEST.length)), value);
    if (!isHistogramCount(quantity) || at === undefined) continue;
    const key = keyOf(record, quantity.slice(0, -COUNT.length));
    const own = bins.get(key);
    if (own === undefined) bins.set(key, [record]);
    else own.push(record);
  }
  return [...bins].flatMap(([key, own]) => {
    const limit = largest.get(key) ?? Number.NaN;
    if (!(limit > 0 && Number.isFinite(limit))) return [];
    const edges = Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => limit * ((2 * i) / HISTOGRAM_BINS - 1));
    return [{ about: own[0], edges, counts: countsOf(own) }];
  });
}

/**
 * Where a share of the values lies below, values spread evenly within each bin: exact to the width of one.
 * @param share - from 0 to 1
 */
export function quantileOf({ edges, counts }: Pick<Histogram, 'edges' | 'counts'>, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [bin, count] of counts.entries()) {
    const [left = Number.NaN, right = Number.NaN] = edges.slice(bin, bin + 2);
    if (count > 0 && below + count >= share * total) return left + ((share * total - below) / count) * (right - left);
    below += count;
  }
  return edges.at(-1) ?? Number.NaN;
}
