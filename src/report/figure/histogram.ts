/** @file Histograms as curves: the outline of each, up and down at the edges of its bins. */
import type { CurvesFigure, HistogramFigure } from '../../studies/figure.ts';

/** The outline of one histogram; it begins and ends at zero. */
export function outline({
  arm,
  label,
  edges,
  counts,
}: HistogramFigure['histograms'][number]): CurvesFigure['curves'][number] {
  return {
    arm,
    label,
    seed: 0,
    x: edges.flatMap((edge) => [edge, edge]),
    y: [0, ...counts.flatMap((count) => [count, count]), 0],
  };
}

/** Half of the least count that is not zero: a logarithmic axis from there shows bins of one count. */
export function leastShown({ histograms }: HistogramFigure): number {
  return Math.min(...histograms.flatMap(({ counts }) => counts.filter((count) => count > 0))) / 2;
}
