/**
 * @file Santurkar et al. 2018, Theorem 4.4: Theorem 4.1 carried over to the layer's weight. As y = X W, ∇_W L = Xᵀ ∇_y L,
 * and over all X with ‖X‖ ≤ λ the largest ‖∇_W L‖² is g_j = λ² ‖∇_y L‖², at any X of norm λ that turns ∇_y L to one
 * direction. With ĝ_j = λ² ‖∇_y L̂‖² and the equality of Theorem 4.1, where μ is the mean of ∇_y L,
 *
 *     ĝ_j = (gamma²/σ²) (g_j − λ² m μ² − (λ²/m) ⟨∇_y L, ŷ⟩²).
 *
 * The paper prints ≤ with g_j² − m μ² − λ² ⟨∇_y L, ŷ⟩²: a second square, and a λ² and a 1/m too few. The maximum takes ∇_y L,
 * σ and ŷ as fixed although they depend on X; here an offset after X W does hold them.
 */

import { need } from '../../errors.ts';
import type { PlotFigure } from '../figure.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import { countText, type RecordsBySeed, theoremStudy, valuesOf } from '../santurkar2018-theorems/theorem-study.ts';
import type { Study } from '../study.ts';
import { measure, type MinimaxProtocol } from './measure.ts';

/** With fewer inputs than examples at two of the sizes: ‖X‖ is attained whatever the rank. */
const protocol: MinimaxProtocol = {
  seeds: 3,
  units: 60,
  sizes: [4, 7, 12],
  inputs: 5,
  lossScales: [0.01, 0.1, 1, 10, 100],
};

/** Float64: some thousand operations of 1e-16 each, and cancellation in ŷ where |mean| is a hundred times σ, leave 1e-8 wide. */
const rule = { tolerance: 1e-8 } as const;

const forms = [
  {
    quantity: 'printed-excess',
    claim: 'The bound holds as printed, with g_j² − m μ² − λ²⟨∇L, ŷ⟩².',
    effect: 'excess of the left side over the right, relative to gamma²/σ² λ² ‖∇L‖², in every unit of the loss',
  },
  {
    quantity: 'length-excess',
    claim: 'It holds with g_j² read as the maximum of the squared length, which has the dimension of the other terms.',
    effect: 'excess of the left side over the right, relative to gamma²/σ² λ² ‖∇L‖²',
  },
  {
    quantity: 'consistent-error',
    claim: 'With g_j − λ² m μ² − (λ²/m)⟨∇L, ŷ⟩² both sides are equal.',
    effect: 'difference of the two sides, relative to gamma²/σ² λ² ‖∇L‖²',
  },
  {
    quantity: 'concrete-excess',
    claim: 'For a given X the squared gradient norm is at most ‖X‖² times what Theorem 4.1 gives with 1/m.',
    effect: 'excess of ‖∇_W L̂‖² over the bound, relative to gamma²/σ² ‖X‖² ‖∇L‖², with y = X W',
  },
] as const;

export const santurkar2018Theorem44: Study = theoremStudy<MinimaxProtocol>({
  code: import.meta.url,
  name: 'santurkar2018/theorem-4-4',
  title: 'Theorem 4.4: batch norm and the gradient of the weight',
  where: 'Theorem 4.4',
  claim:
    'The largest squared weight gradient with batch norm over all inputs of norm at most λ is at most gamma²/σ² (g_j² − m μ² − λ²⟨∇L, ŷ⟩²), with g_j the largest one without.',
  rule,
  protocol,
  seconds: 3,
  measure,
  decide,
});

export function decide(records: RecordsBySeed, { lossScales }: MinimaxProtocol): StudyResult {
  const { tolerance } = rule;
  const parts = forms.map(({ quantity, claim, effect }, i) =>
    casesPart(
      { name: need('abcd'[i], `a letter for part ${i}`), claim, effect, tolerance },
      valuesOf(records, quantity),
    ),
  );
  const fails = (excess: number): boolean => !(excess <= tolerance);
  const [, , consistent] = parts;
  const byScale = lossScales.map((c) => {
    const text = countText(
      valuesOf(records, 'printed-excess', ({ at }) => at === c),
      fails,
    );
    return `${text} with the loss times ${c}`;
  });
  return resultOf(parts, {
    outcome: `as printed the bound fails in ${countText(valuesOf(records, 'printed-excess'), fails)} cases, ${lossScales.length} units of the loss for each random unit; the form with consistent dimensions is an equality: ${consistent?.cases === undefined ? '' : casesText(consistent.cases, tolerance)}`,
    notes: [
      `The printed sides have different dimensions, so that the unit of the loss decides: it fails in ${byScale.join(', ')}.`,
      `With g_j² read as the squared length the dimensions of the loss agree, but not those of X: a λ² and a 1/m are lost, and it fails in ${countText(valuesOf(records, 'length-excess'), fails)} cases.`,
      'The theorem holds ∇_y L, σ and ŷ fixed while X varies, although y = X W makes them depend on it; only the last part has an X that is free to move them.',
    ],
    figures: [failureFigure(records, lossScales)],
  });
}

function failureFigure(records: RecordsBySeed, lossScales: readonly number[]): PlotFigure {
  const fraction = (quantity: string, seed: number, c: number): number => {
    const excesses = valuesOf([records[seed] ?? []], quantity, ({ at }) => at === c);
    return excesses.filter((excess) => !(excess <= rule.tolerance)).length / excesses.length;
  };
  const lines = (quantity: string, arm: string) =>
    records.map((_, seed) => ({
      mark: 'line' as const,
      arm,
      seed,
      x: lossScales,
      y: lossScales.map((c) => fraction(quantity, seed, c)),
    }));
  return {
    id: 'santurkar2018-theorem-4-4-units',
    title: 'A bound that depends on units',
    caption:
      'Fraction of random units for which the bound fails, when the same losses are counted in other units. A statement about the network cannot depend on them: the printed one does, the same with g_j in place of g_j² does not, but is false too.',
    x: { label: 'factor of the loss', unit: '', scale: 'log' },
    y: { label: 'fraction that fails', unit: '', scale: 'linear' },
    marks: [...lines('printed-excess', 'printed, g_j²'), ...lines('length-excess', 'g_j for g_j²')],
  };
}
