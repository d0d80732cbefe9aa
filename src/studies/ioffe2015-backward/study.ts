/**
 * @file Ioffe and Szegedy 2015, section 3: the six backward equations of a normalised layer, each evaluated as printed and
 * compared with the gradient graph, in two forms: the layer composed of primitive operations and differentiated
 * automatically, and the fused one whose backward pass is derived by hand.
 */

import { median } from '../../math/statistics.ts';
import type { StepRecord } from '../../records/record.ts';
import type { Records } from '../../records/records.ts';
import { batchNormDiagram } from '../batch-norm-by-hand/picture.ts';
import { recordedExample } from '../batch-norm-by-hand/records.ts';
import type { DiagramFigure } from '../diagram.ts';
import type { PlotFigure, Table } from '../figure.ts';
import { measuredStudy } from '../measured-study.ts';
import { casesPart, resultOf } from '../parts.ts';
import { format3 } from '../number-text.ts';
import type { StudyResult } from '../result.ts';
import type { Study } from '../study.ts';
import { type BackwardProtocol, drawnExamples, measure } from './measure.ts';

const protocol: BackwardProtocol = {
  cases: 20,
  shapes: ['7x3', '3x5', '5x4x3x2', '3x2x1x5'],
  epsilons: [0, 1e-5, 0.01, 1],
};

/** Fixed beforehand: float64 gives 1e-15 per operation; sums of at most 30 terms and divisions by σ leave 1e-8 wide. */
const rule = { tolerance: 1e-8 } as const;

const equations = [
  { name: 'a', quantity: 'dxhat-error', gradient: 'dl/dx̂ᵢ', equals: 'dl/dyᵢ γ' },
  { name: 'b', quantity: 'dvariance-error', gradient: 'dl/dσ²', equals: 'Σ dl/dx̂ᵢ (xᵢ − μ) (−1/2) (σ² + ε)^(−3/2)' },
  {
    name: 'c',
    quantity: 'dmean-error',
    gradient: 'dl/dμ',
    equals: 'Σ dl/dx̂ᵢ (−1/√(σ² + ε)) + dl/dσ² Σ −2 (xᵢ − μ) / m',
  },
  {
    name: 'd',
    quantity: 'dx-error',
    gradient: 'dl/dxᵢ',
    equals: 'dl/dx̂ᵢ / √(σ² + ε) + dl/dσ² 2 (xᵢ − μ) / m + dl/dμ / m',
  },
  { name: 'e', quantity: 'dgamma-error', gradient: 'dl/dγ', equals: 'Σ dl/dyᵢ x̂ᵢ' },
  { name: 'f', quantity: 'dbeta-error', gradient: 'dl/dβ', equals: 'Σ dl/dyᵢ' },
] as const;

const sums = [
  {
    name: 'g',
    quantity: 'shift-sum',
    claim: 'By these equations the input gradients of a channel sum to zero, whatever epsilon is.',
    effect: '|Σ dl/dxᵢ| / Σ |dl/dxᵢ|',
  },
  {
    name: 'h',
    quantity: 'scale-sum',
    claim:
      'Weighted by x̂ᵢ they sum to γ/√(σ² + ε) · dl/dγ · ε/(σ² + ε), which is zero for epsilon = 0: the gradient has no part along x̂.',
    effect: '|Σ x̂ᵢ dl/dxᵢ − γ/√(σ² + ε) · dl/dγ · ε/(σ² + ε)| / Σ |x̂ᵢ dl/dxᵢ|',
  },
] as const;

export const ioffe2015Backward: Study = measuredStudy({
  name: 'ioffe2015/backward',
  title: 'The backward equations',
  paper: 'ioffe2015',
  where: 'Section 3',
  claim:
    'Six equations give the gradients of a normalised layer: of x̂, of the variance, of the mean, of x, of gamma and of beta.',
  tags: ['exact', 'gradient'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: () => protocol,
  seconds: () => 1,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ records }) => decide(records),
});

function decide(records: Records): StudyResult {
  const { tolerance } = rule;
  const parts = [
    ...equations.map(({ name, quantity, gradient, equals }) => {
      const claim = `${gradient} = ${equals}`;
      return casesPart({ name, claim, effect: `relative error of ${gradient}`, tolerance }, records.values(quantity));
    }),
    ...sums.map(({ name, quantity, claim, effect }) =>
      casesPart({ name, claim, effect, tolerance }, records.values(quantity)),
    ),
  ];
  const failing = equations.filter((_, i) => parts[i]?.verdict !== 'reproduced').map(({ gradient }) => gradient);
  const largest = Math.max(...equations.flatMap(({ quantity }) => records.values(quantity)));
  const outcome =
    failing.length === 0
      ? `the six equations give the gradients of the graph (largest relative error ${format3(largest)})`
      : `${failing.join(', ')} ${failing.length === 1 ? 'differs' : 'differ'} from the gradients of the graph`;
  const missed = (quantity: string): string => {
    const errors = records.values(quantity);
    return `in ${errors.filter((error) => !(error <= tolerance)).length} of ${errors.length} cases`;
  };
  const notes = [
    'The second term of dl/dμ is zero whatever the batch is, since Σ (xᵢ − μ) = 0.',
    `A write-up prints dl/dμ and dl/dσ² with dl/dxᵢ in place of dl/dx̂ᵢ. That is wrong ${missed('dmean-misprint')} for dl/dμ, where it gives 0 always, and ${missed('dvariance-misprint')} for dl/dσ², where it gives 0 for epsilon = 0.`,
  ];
  return resultOf(parts, {
    outcome,
    notes,
    figures: [...pictures(records.all), shareFigure(records.all)],
    tables: [misprints(records)],
  });
}

/** The computation graph of three examples. */
function pictures(records: readonly StepRecord[]): readonly DiagramFigure[] {
  return drawnExamples.map((spec) => {
    const diagram = batchNormDiagram(recordedExample(records, spec));
    return { ...diagram, id: `ioffe2015-backward-${diagram.id}` };
  });
}

/** How much of the gradient along x̂ an epsilon leaves. */
function shareFigure(records: readonly StepRecord[]): PlotFigure {
  const points = records
    .flatMap(({ quantity, at, value }) => (quantity === 'scale-share' && at !== undefined ? [{ at, value }] : []))
    .toSorted((a, b) => a.at - b.at);
  const x = points.map(({ at }) => at);
  return {
    id: 'ioffe2015-backward-share',
    title: 'What an epsilon leaves of the gradient along x̂',
    caption:
      'Σ x̂ᵢ dl/dxᵢ over one channel, as a share of γ/√(σ² + ε) · dl/dγ: for epsilon = 0 it would be 0, since scaling x changes nothing; measured in the gradient graph, one point per random case.',
    x: { label: 'epsilon / variance', unit: '', scale: 'log' },
    y: { label: 'share', unit: '', scale: 'log' },
    marks: [
      { mark: 'line', arm: 'batch', seed: 0, x, y: points.map(({ value }) => value) },
      { mark: 'line', arm: 'theory', label: 'ε/(σ² + ε)', seed: 0, x, y: x.map((at) => at / (1 + at)) },
    ],
  };
}

/** The write-up's slips: no part of the verdict on the paper. */
function misprints(records: Records): Table {
  const rows = [
    ['dl/dμ = Σ dl/dxᵢ (−1/√(σ² + ε))', records.values('dmean-misprint')],
    ['dl/dσ² = Σ dl/dxᵢ (xᵢ − μ) (−1/2) (σ² + ε)^(−3/2)', records.values('dvariance-misprint')],
  ] as const;
  return {
    title: 'As a write-up prints them',
    caption: 'With dl/dxᵢ for dl/dx̂ᵢ; a case fails where the relative error exceeds 1e-8.',
    columns: ['equation', 'cases', 'fail', 'median relative error'],
    rows: rows.map(([equation, errors]) => [
      equation,
      errors.length,
      errors.filter((error) => !(error <= rule.tolerance)).length,
      errors.every(Number.isFinite) && errors.length > 0 ? median(errors) : Number.NaN,
    ]),
  };
}
