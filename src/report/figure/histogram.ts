/** @file Histograms as curves: the outline of each, up and down at the edges of its bins. */
import type { CurvesFigure, HistogramFigure } from '../../studies/figure.ts';

/** A figure of outlines; each begins and ends at zero. */
export function outlines({ histograms, ...about }: HistogramFigure): CurvesFigure {
  return {
    ...about,
    view: 'curves',
    curves: histograms.map(({ arm, label, edges, counts }) => ({
      arm,
      label,
      seed: 0,
      x: edges.flatMap((edge) => [edge, edge]),
      y: [0, ...counts.flatMap((count) => [count, count]), 0],
    })),
  };
}
