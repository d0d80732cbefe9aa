/**
 * @file Santurkar et al. 2018, Theorem 4.1: batch norm makes the gradient of the loss smaller. With z = gamma ŷ + beta and
 * ∂z/∂y = (gamma/σ) P, where P projects along 1 and ŷ (Fact C.2), ∇_y L̂ = (gamma/σ) P ∇_z L, hence by Pythagoras, as
 * ‖1‖² = ‖ŷ‖² = m, exactly
 *
 *     ‖∇_y L̂‖² = (gamma²/σ²) (‖∇_y L‖² − ⟨1, ∇_y L⟩²/m − ⟨∇_y L, ŷ⟩²/m).
 *
 * The paper prints ≤, with 1/√m in place of the second 1/m: its proof divides by ‖ŷ‖² = m and writes the root. ∇_y L of the
 * "identical" network without batch norm is ∇_z L: equal losses have equal gradients where the activations are equal.
 */

import { mean, median } from '../../math/statistics.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure, Table } from '../figure.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import { countText, type RecordsBySeed, theoremStudy, valuesOf } from '../santurkar2018-theorems/theorem-study.ts';
import type { Study } from '../study.ts';
import { type LipschitzProtocol, measure } from './measure.ts';

const protocol: LipschitzProtocol = {
  seeds: 3,
  units: 100,
  sizes: [3, 4, 6, 9, 16, 33, 64],
  model: 'vgg11',
  width: 0.25,
  batchSize: 16,
};

/** Float64: some hundred operations of 1e-16 each, and cancellation in ŷ where |mean| is a hundred times σ, leave 1e-8 wide. */
const rule = { tolerance: 1e-8 } as const;

export const santurkar2018Theorem41: Study = theoremStudy<LipschitzProtocol>({
  code: import.meta.url,
  name: 'santurkar2018/theorem-4-1',
  title: 'Theorem 4.1: batch norm and the size of the gradient',
  where: 'Theorem 4.1',
  claim:
    'The squared gradient norm with batch norm is at most gamma²/σ² times that without, less ⟨1, ∇L⟩²/m and less ⟨∇L, ŷ⟩²/√m.',
  rule,
  protocol,
  seconds: 2,
  measure,
  decide,
});

export function decide(records: RecordsBySeed, { sizes }: LipschitzProtocol): StudyResult {
  const { tolerance } = rule;
  const printed = valuesOf(records, 'printed-excess');
  const parts = [
    casesPart(
      {
        name: 'a',
        claim: 'As printed, with coefficient 1/√m, the bound holds.',
        effect: 'excess of the left side over the right, relative to gamma²/σ² ‖∇L‖²',
        tolerance,
        remarks: [`Median excess ${median(printed).toPrecision(2)}, relative to gamma²/σ² ‖∇L‖².`],
      },
      printed,
    ),
    casesPart(
      {
        name: 'b',
        claim: 'With coefficient 1/m both sides are equal.',
        effect: 'difference of the two sides, relative to gamma²/σ² ‖∇L‖²',
        tolerance,
      },
      valuesOf(records, 'equality-error'),
    ),
    casesPart(
      {
        name: 'c',
        claim: 'The Jacobian of batch norm is gamma/σ times the projection along 1 and ŷ.',
        effect: 'error of ∇_y L̂ against (gamma/σ) P ∇_z L, relative to the largest entry of (gamma/σ) ∇_z L',
        tolerance,
      },
      valuesOf(records, 'jacobian-error'),
    ),
  ];
  const fails = `fails in ${countText(printed, (excess) => !(excess <= tolerance))} random cases`;
  const [, equality] = parts;
  const corrected = equality?.cases === undefined ? '' : casesText(equality.cases, tolerance);
  return resultOf(parts, {
    outcome: `as printed, with 1/√m, the bound ${fails}; with 1/m it is an equality: ${corrected}`,
    notes: [
      `The form that holds has 1/m = 1/‖ŷ‖² in place of 1/√m, and then ≤ is =; as printed it ${fails}.`,
      'What the theorem says of batch norm stands: apart from gamma/σ the gradient loses its components along 1 and ŷ. Of a gradient in a random direction each is 1/m of its square, so that nearly all of it stays, and gamma/σ decides.',
      'Its identical network without batch norm has ∇_y L = ∇_z L, which is exact where both have the same activations (Observation 4.3).',
    ],
    figures: [ratioFigure(records, sizes)],
    tables: [networkTable(records)],
  });
}

/** Medians over the cases of a seed and batch size, for both forms, and what an isotropic gradient gives. */
function ratioFigure(records: RecordsBySeed, sizes: readonly number[]): PlotFigure {
  const medians = (quantity: string, arm: string) =>
    records.map((ofSeed, seed) => ({
      mark: 'line' as const,
      arm,
      seed,
      x: sizes,
      y: sizes.map((m) => median(valuesOf([ofSeed], quantity, ({ at }) => at === m))),
    }));
  const theory = (label: string, y: (m: number) => number) => ({
    mark: 'line' as const,
    arm: 'theory',
    label,
    seed: 0,
    x: sizes,
    y: sizes.map(y),
  });
  return {
    id: 'santurkar2018-theorem-4-1-ratio',
    title: 'The bound over what it bounds',
    caption:
      'Right side over left side, medians over random units and smooth losses. A bound lies at 1 or above: with 1/√m it lies below at every batch size, with 1/m it is an equality. The black line is the ratio of expectations for a gradient in a random direction.',
    x: { label: 'batch size m', unit: '', scale: 'log' },
    y: { label: 'right side / left side', unit: '', scale: 'linear' },
    marks: [
      ...medians('printed-ratio', 'printed, 1/√m'),
      ...medians('corrected-ratio', 'with 1/m'),
      theory('(m − 1 − √m)/(m − 2)', (m) => (m - 1 - Math.sqrt(m)) / (m - 2)),
    ],
  };
}

function networkTable(records: RecordsBySeed): Table {
  const [first = []] = records;
  const layers = first.filter(({ quantity }) => quantity === 'pooled');
  const overSeeds = (quantity: string, { layer }: StepRecord): number =>
    mean(valuesOf(records, quantity, (record) => record.layer === layer));
  return {
    title: 'The terms in an initialised network',
    caption:
      'gamma/σ is the median over a layer’s units, the shares are means, over seeds too; on Gaussian images before any training; reported, not judged. A gradient in a random direction has an expected share of 1/m in each term; larger shares are components that batch norm takes away.',
    columns: ['layer', 'units', 'm', 'gamma/σ', '⟨1, g⟩²/(m‖g‖²)', '⟨g, ŷ⟩²/(m‖g‖²)', '1/m'],
    rows: layers.map((record) => [
      record.layer ?? '',
      record.at ?? Number.NaN,
      record.value,
      overSeeds('gain', record),
      overSeeds('share-one', record),
      overSeeds('share-yhat', record),
      1 / record.value,
    ]),
  };
}
