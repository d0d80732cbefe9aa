/** @file Residuals over iterations and over learning rates, with batch norm and without. */

import type { StepRecord } from '../../records/record.ts';
import type { CurvesFigure, Figure } from '../figure.ts';
import { format3 } from '../number-text.ts';
import { arms, type LeastSquaresProtocol } from './measure.ts';

type Curve = CurvesFigure['curves'][number];

/** Residuals that a figure can hold: those below are rounding, those above have diverged. */
const shown = { least: 1e-20, largest: 1e10 } as const;

/** @param seeds - the records of each seed */
export function leastSquaresFigures(
  seeds: readonly (readonly StepRecord[])[],
  { learningRates, steps, gammaRate, condition, inputs }: LeastSquaresProtocol,
  limit: number,
): readonly Figure[] {
  const how = `d = ${inputs}, κ = ${condition}, gamma's rate ${gammaRate}, full batch, float64`;
  const names = { batch: 'batch norm', none: 'plain' } as const;
  const looks = { batch: 'batch', none: 'standard' } as const;
  const residuals = (records: readonly StepRecord[], arm: string): readonly StepRecord[] =>
    records.filter(({ quantity, layer, value }) => quantity === 'residual' && layer === arm && value <= shown.largest);
  const curve = (arm: (typeof arms)[number], label: string, seed: number, x: number[], y: number[]): Curve => ({
    arm: looks[arm],
    label,
    seed,
    x,
    y: y.map((value) => Math.max(value, shown.least)),
  });
  // The least, the middle and the largest rate: more lines would hide each other.
  const few = new Set([learningRates[0], learningRates[Math.floor(learningRates.length / 2)], learningRates.at(-1)]);
  const overSteps = arms.flatMap((arm) =>
    [...few].flatMap((rate) => {
      const points = residuals(seeds[0] ?? [], arm).filter(({ at, step }) => at === rate && step > 0);
      const label = `${names[arm]}, ${format3(rate ?? Number.NaN)}`;
      return [
        curve(
          arm,
          label,
          0,
          points.map(({ step }) => step),
          points.map(({ value }) => value),
        ),
      ];
    }),
  );
  const overRates = arms.flatMap((arm) =>
    seeds.map((records, seed) => {
      const points = residuals(records, arm).filter(({ step }) => step === steps);
      return curve(
        arm,
        names[arm],
        seed,
        points.map(({ at }) => at ?? Number.NaN),
        points.map(({ value }) => value),
      );
    }),
  );
  const ends = overRates.flatMap(({ y }) => y);
  const mark: Curve = {
    arm: 'theory',
    label: '2/λ_max',
    seed: 0,
    x: [limit, limit],
    y: [Math.min(1e-3, ...ends), Math.max(1, ...ends)],
  };
  const residual = { label: 'residual over initial', unit: '', scale: 'log' } as const;
  return [
    {
      id: 'cai2019-least-squares-iterations',
      title: 'Least squares over iterations',
      caption: `Residual of gradient descent at the smallest, a middle and the largest learning rate of the weight (${how}; seed 0): with batch norm all go down, without it only the one below 2/λ_max.`,
      view: 'curves',
      x: { label: 'iteration', unit: '', scale: 'log' },
      y: residual,
      references: [],
      curves: overSteps.filter(({ x }) => x.length > 1),
    },
    {
      id: 'cai2019-least-squares-rates',
      title: 'Least squares over learning rates',
      caption: `Residual after ${steps} iterations (${how}). Plain gradient descent diverges right of the line; runs whose residual exceeds ${shown.largest.toExponential()} are left out, and residuals below ${shown.least.toExponential()} drawn there.`,
      view: 'curves',
      x: { label: 'learning rate of the weight', unit: '', scale: 'log' },
      y: residual,
      references: [{ kind: 'theory', label: 'rule: 1e-3', value: 1e-3 }],
      curves: [...overRates.filter(({ x }) => x.length > 1), mark],
    },
  ];
}
