/**
 * @file Santurkar et al. 2018, Observation 4.3: batch norm takes nothing away. For any X and W, gamma = σ and beta = mean of
 * X W give σ (X W − mean)/σ + mean = X W, so that the normalised layer can compute all that the plain one can. With an
 * epsilon the gain that does it is √(σ² + epsilon); σ leaves (1 − 1/√(1 + epsilon/σ²)) of the centred activations.
 */

import { casesPart, casesText, resultOf } from '../parts.ts';
import type { PlotFigure } from '../figure.ts';
import { format3 } from '../number-text.ts';
import type { StudyResult } from '../result.ts';
import { type RecordsBySeed, theoremStudy, valuesOf } from '../santurkar2018-theorems/theorem-study.ts';
import type { Study } from '../study.ts';
import { type ActivationsProtocol, measure } from './measure.ts';

const protocol: ActivationsProtocol = {
  seeds: 3,
  units: 150,
  sizes: [3, 8, 33],
  inputs: 5,
  epsilons: [0, 1e-5, 1e-3, 0.1],
};

/** Float64: some ten operations of 1e-16 each, and cancellation of the mean against σ, leave 1e-8 wide. */
const rule = { tolerance: 1e-8 } as const;

export const santurkar2018Observation43: Study = theoremStudy<ActivationsProtocol>({
  code: import.meta.url,
  name: 'santurkar2018/observation-4-3',
  title: 'Observation 4.3: batch norm can be the identity',
  where: 'Observation 4.3',
  claim: 'For any input and weight, gamma = σ and beta = mean make the activations with batch norm those without.',
  rule,
  protocol,
  seconds: 1,
  measure,
  decide,
});

export function decide(records: RecordsBySeed, { epsilons }: ActivationsProtocol): StudyResult {
  const { tolerance } = rule;
  const effect = 'largest difference of the activations, relative to the largest activation';
  const positive = epsilons.filter((epsilon) => epsilon > 0);
  const exact = casesPart(
    {
      name: 'a',
      claim: 'Without epsilon, gamma = σ and beta = mean give the activations of the plain layer.',
      effect,
      tolerance,
    },
    valuesOf(records, 'sigma-error', ({ at }) => at === 0),
  );
  const rooted = casesPart(
    {
      name: 'b',
      claim: 'With any epsilon, gamma = √(σ² + epsilon) and beta = mean do.',
      effect,
      tolerance,
      remarks: positive.map((epsilon) => {
        const deviations = valuesOf(records, 'sigma-error', ({ at }) => at === epsilon);
        return `With gamma = σ instead, epsilon = ${epsilon} changes activations by up to ${format3(Math.max(...deviations))} of the largest.`;
      }),
    },
    valuesOf(records, 'root-error'),
  );
  return resultOf([exact, rooted], {
    outcome: `gamma = σ and beta = mean give the activations of the plain layer: ${exact.cases === undefined ? '' : casesText(exact.cases, tolerance)}`,
    notes: [
      'The paper has no epsilon. With one the same holds for gamma = √(σ² + epsilon), so that in practice too batch norm leaves within reach all that the plain layer can compute.',
      'σ and mean are those of one batch: other batches have others, so that this is the identity on the batch, or on the whole training set taken as one.',
    ],
    figures: positive.length === 0 ? [] : [deviationFigure(records)],
  });
}

function deviationFigure(records: RecordsBySeed): PlotFigure {
  const points = records.map((ofSeed) => {
    const [shares, deviations] = ['epsilon-share', 'deviation'].map((quantity) =>
      valuesOf([ofSeed], quantity, ({ at }) => at !== 0),
    );
    return (shares ?? []).map((x, i) => ({ x, y: deviations?.[i] ?? Number.NaN })).toSorted((a, b) => a.x - b.x);
  });
  const xs = points[0]?.map(({ x }) => x) ?? [];
  return {
    id: 'santurkar2018-observation-4-3-epsilon',
    title: 'What an epsilon leaves',
    caption:
      'Difference of the centred activations with gamma = σ and beta = mean, one point of a line per random unit and epsilon, against epsilon over the unit’s variance. gamma = √(σ² + epsilon) leaves rounding alone.',
    x: { label: 'epsilon / σ²', unit: '', scale: 'log' },
    y: { label: 'relative difference', unit: '', scale: 'log' },
    marks: [
      ...points.map((line, seed) => ({
        mark: 'line' as const,
        arm: 'batch',
        label: 'gamma = σ',
        seed,
        x: line.map(({ x }) => x),
        y: line.map(({ y }) => y),
      })),
      {
        mark: 'line',
        arm: 'theory',
        label: '1 − 1/√(1 + epsilon/σ²)',
        seed: 0,
        x: xs,
        y: xs.map((x) => 1 - 1 / Math.sqrt(1 + x)),
      },
    ],
  };
}
