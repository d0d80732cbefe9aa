/** @file Residuals over iterations and over learning rates, with batch norm and without. */

import type { StepRecord } from '../../records/record.ts';
import type { Figure, LineMark } from '../figure.ts';
import { format3 } from '../number-text.ts';
import { arms, type LeastSquaresProtocol } from './measure.ts';

/** Residuals that a figure can hold; what lies beyond is drawn at the edge. */
const shown = { least: 1e-20, largest: 1e10 } as const;

/** @param seeds - the records of each seed */
export function leastSquaresFigures(
  seeds: readonly (readonly StepRecord[])[],
  { learningRates, steps, gammaRate, condition, inputs }: LeastSquaresProtocol,
  limit: number,
): readonly Figure[] {
  const how = `d = ${inputs}, κ = ${condition}, gamma's rate ${gammaRate}, full batch, float64`;
  const looks = { batch: 'batch', none: 'standard' } as const;
  const residuals = (records: readonly StepRecord[], arm: string): readonly StepRecord[] =>
    records.filter(({ quantity, layer }) => quantity === 'residual' && layer === arm);
  const curve = (
    arm: (typeof arms)[number],
    label: string,
    seed: number,
    points: readonly { readonly x: number; readonly value: number }[],
  ): LineMark => ({
    mark: 'line',
    arm: looks[arm],
    label,
    seed,
    x: points.map(({ x }) => x),
    y: points.map(({ value }) => Math.min(Math.max(value, shown.least), shown.largest) || shown.largest),
  });
  // The least, the middle and the largest rate: more lines would hide each other.
  const few = new Set([learningRates[0], learningRates[Math.floor(learningRates.length / 2)], learningRates.at(-1)]);
  const overSteps = arms.flatMap((arm) =>
    [...few].map((rate) => {
      const points = residuals(seeds[0] ?? [], arm).filter(
        ({ at, step, value }) => at === rate && step > 0 && value <= shown.largest,
      );
      return curve(
        arm,
        format3(rate ?? Number.NaN),
        0,
        points.map(({ step, value }) => ({ x: step, value })),
      );
    }),
  );
  const overRates = arms.flatMap((arm) =>
    seeds.map((records, seed) => {
      const points = residuals(records, arm).filter(({ step }) => step === steps);
      return curve(
        arm,
        '',
        seed,
        points.map(({ at, value }) => ({ x: at ?? Number.NaN, value })),
      );
    }),
  );
  const ends = overRates.flatMap(({ y }) => y);
  const edge: LineMark = {
    mark: 'line',
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
      caption: `Residual of gradient descent at the smallest, a middle and the largest learning rate of the weight (${how}; seed 0): with batch norm all go down, without it only the one below 2/λ_max = ${format3(limit)}.`,
      x: { label: 'iteration', unit: '', scale: 'log' },
      y: residual,
      marks: overSteps.filter(({ x }) => x.length > 1),
    },
    {
      id: 'cai2019-least-squares-rates',
      title: 'Least squares over learning rates',
      caption: `Residual after ${steps} iterations (${how}). Plain gradient descent diverges right of the line; what exceeds ${shown.largest.toExponential()} or is not finite is drawn there.`,
      x: { label: 'learning rate of the weight', unit: '', scale: 'log' },
      y: residual,
      marks: [{ mark: 'rule', kind: 'theory', label: 'rule: 1e-3', value: 1e-3 }, ...overRates, edge],
    },
  ];
}
