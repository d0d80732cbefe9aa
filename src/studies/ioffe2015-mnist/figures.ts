/** @file The three panels of the paper's Figure 1, and the same of whole layers, at one learning rate. */

import { percentileMarks, percentilesOf } from '../distribution-figures.ts';
import type { BandMark, LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { stepsAxis } from '../trained-figures.ts';

/** (a) Test accuracy over steps. */
export function accuracyFigure(grid: Grid, rate: number): PlotFigure {
  return {
    id: `mnist-accuracy-lr${rate}`,
    title: `Test accuracy on MNIST, learning rate ${rate}`,
    caption: 'On the whole test set, with running statistics; thin lines are seeds, thick ones their median.',
    x: stepsAxis,
    y: { label: 'test accuracy', unit: '', scale: 'linear' },
    marks: [
      { mark: 'rule', kind: 'published', label: 'paper: 95 % within 3,000 steps', axis: 'y', value: 0.95 },
      ...grid.where({ rate }).cells.map(
        ({ point: { arm, seed }, records }): LineMark => ({
          mark: 'line',
          arm,
          seed,
          ...records.series('test-accuracy', 'step'),
        }),
      ),
    ],
  };
}

/** (b, c) How the input of one sigmoid of the last hidden layer is distributed, in the first seed. */
export function percentileFigure(grid: Grid, rate: number): PlotFigure {
  const [seed] = grid.seeds;
  const cells = grid.where({ rate, ...(seed !== undefined && { seed }) }).cells;
  return {
    id: `mnist-percentiles-lr${rate}`,
    title: `Input of a sigmoid over training, learning rate ${rate}`,
    caption: `From the 15th to the 85th percentile over the mini-batch, and the median, of one unit of the last hidden layer; seed ${seed}.`,
    x: stepsAxis,
    y: { label: 'input of the sigmoid', unit: '', scale: 'linear' },
    marks: cells.flatMap(({ point: { arm }, records }): (BandMark | LineMark)[] => {
      const all = records.of('activation-percentile').filter(({ place }) => place?.['unit'] !== undefined);
      const unit = all[0]?.place?.['unit'];
      const at = (percentile: number) =>
        all.filter((record) => record.at === percentile && record.place?.['unit'] === unit && record.step % 50 === 0);
      const [low, middle, high] = [at(15), at(50), at(85)];
      const x = middle.map(({ step }) => step);
      const values = (found: typeof low): readonly number[] => found.map(({ value }) => value);
      const panel = arm === 'batch' ? 'with batch norm' : 'without';
      return [
        { mark: 'band', arm, panel, x, low: values(low), high: values(high) },
        { mark: 'line', arm, panel, x, y: values(middle) },
      ];
    }),
  };
}

/** As (b, c), of every hidden layer as a whole. */
export function layersFigure(grid: Grid, rate: number): PlotFigure {
  const [seed] = grid.seeds;
  const cells = grid.where({ rate, ...(seed !== undefined && { seed }) }).cells;
  return {
    id: `mnist-layers-lr${rate}`,
    title: `Inputs of the sigmoids of each layer over training, learning rate ${rate}`,
    caption: `Percentiles of all units of a layer together, over the mini-batch; seed ${seed}.`,
    x: stepsAxis,
    y: { label: 'input of the sigmoids', unit: '', scale: 'linear' },
    marks: cells.flatMap(({ point: { arm }, records }) => {
      const all = records
        .of('activation-percentile')
        .filter(({ place, step }) => place?.['unit'] === undefined && step % 50 === 0);
      return [...new Set(all.map(({ layer }) => layer))].flatMap((panel = '') =>
        percentileMarks(percentilesOf(all.filter(({ layer }) => layer === panel)), { arm, panel }),
      );
    }),
  };
}
