/** @file How what a run's probes saw of layers was distributed over its steps: figures per layer, a few of them at first. */

import { capitalised } from '../../capitalised.ts';
import { HISTOGRAM_BINS, type Histogram, histogramsOf } from '../../records/histogram.ts';
import { grouped } from './grouped.ts';
import type { StepRecord } from '../../records/record.ts';
import {
  percentileMarks,
  type Percentiles,
  percentilesIn,
  percentilesOf,
  ridgeMarks,
} from '../../studies/distribution-figures.ts';
import type { DistributionFigures } from '../../studies/document.ts';
import type { PlotFigure } from '../../studies/figure.ts';
import { stepsAxis } from '../../studies/trained-figures.ts';

/** Percentiles that bands are between where histograms alone are there. */
const PLACES = [15, 50, 85];

const ACTIVATION = 'value before the activation';

/** Ten a bin: an outline over fewer is noise. */
const LEAST_VALUES = 10 * HISTOGRAM_BINS;

/** A ridgeline of every layer with histograms, bands of every layer or unit with percentiles or histograms. */
export function distributionFigures(records: readonly StepRecord[], arm: string): DistributionFigures {
  const percentiles = grouped(
    records.filter(({ quantity }) => quantity === 'activation-percentile'),
    ({ layer, place }) => (place?.['unit'] === undefined ? `${layer}` : `${layer}, unit ${place['unit']}`),
  );
  const bands = [...percentiles].map(([where, own]) => bandFigure(where, percentilesOf(own), arm));
  const ridges = new Map<string, PlotFigure[]>();
  for (const own of grouped(
    histogramsOf(records),
    ({ about: { quantity, layer } }) => `${quantity} ${layer}`,
  ).values()) {
    const [{ about, counts }] = own;
    const layer = about.layer ?? '';
    const value = valueName(about);
    const size = counts.reduce((sum, count) => sum + count, 0);
    if (size >= LEAST_VALUES) ridges.set(value, [...(ridges.get(value) ?? []), ridgeFigure(value, layer, own, arm)]);
    if (value === 'activation' && !percentiles.has(layer)) {
      bands.push(bandFigure(layer, percentilesIn(own, PLACES), arm, true));
    }
  }
  const kinds = [...ridges.values(), bands].filter(({ length }) => length > 0).map(firstMiddleLast);
  return { rows: kinds.map(({ shown }) => shown), folded: kinds.flatMap(({ folded }) => folded) };
}

/** "activation" of the counts of activations. */
function valueName({ quantity }: StepRecord): string {
  return quantity.split('-')[0] ?? '';
}

function ridgeFigure(value: string, layer: string, histograms: readonly Histogram[], arm: string): PlotFigure {
  return {
    id: `ridgeline-${value}-${layer}`,
    title: `${capitalised(value)} of ${layer}`,
    caption:
      'Histograms over the mini-batch, step by step from below, each as high as the others; half a percent at either end is left out.',
    x: { label: value === 'activation' ? ACTIVATION : `entry of the ${value}`, unit: '', scale: 'linear' },
    y: stepsAxis,
    marks: ridgeMarks(histograms, { arm }),
  };
}

function bandFigure(where: string, percentiles: Percentiles, arm: string, isOfBins = false): PlotFigure {
  return {
    id: `percentiles-${where}`,
    title: `Percentiles of ${where}`,
    caption: `Of what it hands to its activation, over the mini-batch${isOfBins ? '; read off histograms, to the width of a bin' : ''}.`,
    x: stepsAxis,
    y: { label: ACTIVATION, unit: '', scale: 'linear' },
    marks: percentileMarks(percentiles, { arm }),
  };
}

/** Those of the first layer, the middle one and the last, and all others. */
function firstMiddleLast(figures: readonly PlotFigure[]) {
  const last = figures.length - 1;
  const chosen = new Set([0, last >> 1, last]);
  return {
    shown: figures.filter((_, i) => chosen.has(i)),
    folded: figures.filter((_, i) => !chosen.has(i)),
  };
}
