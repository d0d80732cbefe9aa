/** @file What studies of the edge of stability say and draw alike. */

import { quantile } from '../math/statistics.ts';
import type { Records } from '../records/records.ts';
import { scaledBy } from './edge.ts';
import type { LineMark, PlotFigure } from './figure.ts';
import type { BySeed, Grid, Point, Varied } from './grid.ts';
import { format3, valuesText } from './number-text.ts';
import { stepsAxis } from './trained-figures.ts';

/** "0.03: 1.08, 1.1, 1.07". */
export function levelsText(setting: number | string, levels: BySeed): string {
  return `${setting}: ${valuesText(levels)}`;
}

/** How far eigenvalues had converged: relative residuals of all measurements. */
export function residualNote(records: Records): string {
  const residuals = records.values('data-sharpness-residual');
  const shares = records
    .values('data-sharpness')
    .flatMap((value, i) => (Number.isFinite(value) ? [Math.abs((residuals[i] ?? Number.NaN) / value)] : []));
  if (shares.length === 0) return 'No eigenvalue was measured.';
  const [half, most] = [quantile(shares, 0.5), quantile(shares, 0.95)];
  return (
    `Half of the measured eigenvalues λ have a residual below ${format3(half)} λ, 95 % below ${format3(most)} λ; the error of an eigenvalue ` +
    'is of the order of the square of its residual over the gap to the next.'
  );
}

/** λ·rate/2 over steps, a line per seed, with the edge at 1. */
export function sharpnessFigure<Arm extends string, Vary extends Varied>(
  { cells }: Grid<Arm, Vary>,
  {
    id,
    rateOf,
    panelOf,
  }: {
    readonly id: string;
    readonly rateOf: (point: Point<Arm, Vary>) => number;
    readonly panelOf: (point: Point<Arm, Vary>) => string;
  },
): PlotFigure {
  return {
    id,
    title: 'Sharpness over steps, as a multiple of 2/rate',
    caption:
      'Largest eigenvalue λ of the Hessian of the whole loss, times rate/2: above 1 a step along its eigenvector overshoots. Thin lines are ' +
      'seeds, thick ones their median.',
    x: stepsAxis,
    y: { label: 'λ · rate/2', unit: '', scale: 'log' },
    marks: [
      { mark: 'rule', kind: 'theory', label: '2/rate', axis: 'y', value: 1 },
      ...cells.flatMap(({ point, records }): LineMark[] => {
        const { x, y } = scaledBy(records.series('data-sharpness', 'step'), rateOf(point) / 2);
        const drawn = y.map((value) => Number.isFinite(value) && value > 0);
        if (!drawn.includes(true)) return [];
        return [
          {
            mark: 'line',
            arm: point.arm,
            seed: point.seed,
            panel: panelOf(point),
            x: x.filter((_, i) => drawn[i]),
            y: y.filter((_, i) => drawn[i]),
          },
        ];
      }),
    ],
  };
}
