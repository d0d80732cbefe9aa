/** @file Ridgelines per arm, and how far layers move, as figures. */

import { average } from '../../math/statistics.ts';
import type { Histogram } from '../../records/histogram.ts';
import { ridgeMarks } from '../distribution-figures.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import { stepsAxis } from '../trained-figures.ts';
import { momentsOf, moves } from './distribution.ts';

/** A layer in one training. */
export interface LayerHistograms {
  readonly arm: string;
  readonly seed: number;
  readonly histograms: readonly Histogram[];
}

/** One panel per arm, of the first seed: what Figures 1(c) and 6 of the paper show. None where nothing was measured. */
export function ridgelineFigure(trainings: readonly LayerHistograms[], layer: number): readonly PlotFigure[] {
  const seed = trainings[0]?.seed;
  const first = trainings.filter((training) => training.seed === seed && training.histograms.length > 0);
  if (first.length === 0) return [];
  return [
    {
      id: `histograms-layer${layer}`,
      title: `Distribution over training, layer ${layer}`,
      caption:
        `What the layer hands to its activation over the mini-batch, in standard deviations of each arm's whole training; seed ${seed}. ` +
        'Each outline is as high as the others; half a percent at either end is left out.',
      x: { label: 'value before the activation, in standard deviations', unit: '', scale: 'linear' },
      y: stepsAxis,
      marks: first.flatMap(({ arm, histograms }) => {
        const deviation = Math.sqrt(average(histograms.map((histogram) => momentsOf(histogram).variance)));
        return ridgeMarks(histograms, { arm, panel: arm === 'batch' ? 'batch norm' : arm }, deviation);
      }),
    },
  ];
}

/** How far the layer has moved since the measurement before, per seed. None where nothing was measured twice. */
export function movesFigure(trainings: readonly LayerHistograms[], layer: number): readonly PlotFigure[] {
  const moved = trainings.filter(({ histograms }) => histograms.length > 1);
  if (moved.length === 0) return [];
  return [
    {
      id: `histograms-moves-layer${layer}`,
      title: `How far layer ${layer} moves`,
      caption:
        'Wasserstein-1 distance to the histogram before, in standard deviations of both; thin lines are seeds, thick ones their median.',
      x: stepsAxis,
      y: { label: 'distance', unit: 'standard deviations', scale: 'log' },
      marks: moved.map(
        ({ arm, seed, histograms }): LineMark => ({
          mark: 'line',
          arm,
          seed,
          x: histograms.slice(1).map(({ about }) => about.step),
          y: moves(histograms),
        }),
      ),
    },
  ];
}
