/** @file How means and variances of single units run over training, one panel per layer. */

import { capitalised } from '../../capitalised.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { stepsAxis } from '../trained-figures.ts';

/** The first unit of each layer, in the first seed: what the paper's Figure 8 shows of random activations. */
export function driftFigure(grid: Grid, moment: 'mean' | 'variance'): PlotFigure {
  const [seed] = grid.seeds;
  const cells = grid.cells.filter(({ point }) => point.seed === seed);
  return {
    id: `noisy-batch-norm-${moment}s`,
    title: `${capitalised(moment)} of a unit over training`,
    caption: `What one unit of each layer hands to its activation, ${moment} over the mini-batch, at each step of seed ${seed}.`,
    x: stepsAxis,
    y: { label: moment, unit: '', scale: 'linear' },
    marks: cells.flatMap(({ point, records }): LineMark[] => {
      const all = records.of(`unit-${moment}`);
      const layers = [...new Set(all.map(({ layer }) => layer))];
      return layers.map((layer) => {
        const first = all.find((record) => record.layer === layer)?.place?.['unit'];
        const unit = all.filter((record) => record.layer === layer && record.place?.['unit'] === first);
        return {
          mark: 'line',
          arm: point.arm,
          panel: `${layer}, unit ${first}`,
          x: unit.map(({ step }) => step),
          y: unit.map(({ value }) => value),
        };
      });
    }),
  };
}
