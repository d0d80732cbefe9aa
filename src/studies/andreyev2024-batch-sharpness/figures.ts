/** @file Batch sharpness over the steps of trainings (andreyev2024). */

import { scaledBy } from '../edge.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { stepsAxis } from '../trained-figures.ts';
import { batchSharpnessOver, type Reading } from './levels.ts';

export function batchSharpnessFigure<Arm extends string>(
  { cells }: Grid<Arm, { readonly batch: readonly number[] }>,
  { learningRate, stretch }: { readonly learningRate: number; readonly stretch: number },
  reading: Reading,
  figures: string,
): PlotFigure {
  return {
    id: `${figures}-${reading.replaceAll(' ', '-')}`,
    title: `Batch sharpness over steps, as a multiple of 2/rate: ${reading}`,
    caption: `gᵀHg over ‖g‖² of mini-batches, times rate/2, over ${stretch} steps each: ${reading}. Thin lines are seeds, thick ones their median.`,
    x: stepsAxis,
    y: { label: 'batch sharpness · rate/2', unit: '', scale: 'linear' },
    marks: [
      { mark: 'rule', kind: 'theory', label: '2/rate', axis: 'y', value: 1 },
      ...cells.flatMap(({ point: { arm, seed, batch }, records }): LineMark[] => {
        const { x, y } = scaledBy(batchSharpnessOver(records, stretch, reading), learningRate / 2);
        const last = y.findIndex((value) => !Number.isFinite(value));
        const count = last < 0 ? y.length : last;
        if (count === 0) return [];
        return [{ mark: 'line', arm, seed, panel: `batches of ${batch}`, x: x.slice(0, count), y: y.slice(0, count) }];
      }),
    ],
  };
}
