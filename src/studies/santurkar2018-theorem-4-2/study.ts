/**
 * @file Santurkar et al. 2018, Theorem 4.2: batch norm lowers the curvature along the gradient. With d = ∇_y L̂,
 * ĝ = ∇_z L, H and Ĥ the Hessians of the loss with respect to z and y, the derivative of d = (gamma/σ) P ĝ is
 *
 *     Ĥ = (gamma²/σ²) P H P − (gamma/(mσ²)) (⟨ĝ, ŷ⟩ P + ŷ (Pĝ)ᵀ + (Pĝ) ŷᵀ),
 *
 * from ∂σ/∂y = ŷ/m and ∂ŷ/∂y = P/σ. As d = Pd is orthogonal to ŷ, the first printed bound is an equality:
 * dᵀĤd = (gamma²/σ²) dᵀHd − (gamma/(mσ²)) ⟨ĝ, ŷ⟩‖d‖². The second has ĝᵀHĝ in place of dᵀHd, for an H that "preserves the
 * relative norms of ĝ and ∇_y L̂": read here as dᵀHd ≤ ĝᵀHĝ, without which, by that equality, it fails.
 */

import { need } from '../../errors.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../figure.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import { countBetween, evenEdges } from '../histogram.ts';
import {
  countText,
  type RecordsBySeed,
  theoremStudy,
  type TheoremProtocol,
  valuesOf,
} from '../santurkar2018-theorems/theorem-study.ts';
import type { Study } from '../study.ts';
import { measure } from './measure.ts';

const protocol: TheoremProtocol = { seeds: 3, units: 100, sizes: [4, 7, 12, 25] };

/** Float64: some thousand operations of 1e-16 each, and cancellation in ŷ where |mean| is a hundred times σ, leave 1e-8 wide. */
const rule = { tolerance: 1e-8 } as const;

export const santurkar2018Theorem42: Study = theoremStudy<TheoremProtocol>({
  code: import.meta.url,
  name: 'santurkar2018/theorem-4-2',
  title: 'Theorem 4.2: batch norm and curvature along the gradient',
  where: 'Theorem 4.2',
  claim:
    'Along its own gradient d the loss with batch norm curves by at most gamma²/σ² dᵀHd less gamma/(mσ²) ⟨ĝ, ŷ⟩‖d‖², and where dᵀHd ≤ ĝᵀHĝ by at most the same with ĝᵀHĝ.',
  rule,
  protocol,
  seconds: 2,
  measure,
  decide,
});

export function decide(records: RecordsBySeed): StudyResult {
  const { tolerance } = rule;
  const excesses = secondExcesses(records);
  const first = valuesOf(records, 'first-excess');
  const parts = [
    casesPart(
      {
        name: 'a',
        claim: 'The first bound holds as printed.',
        effect: 'excess of the left side over the right, relative to the sizes of their terms',
        tolerance,
      },
      first,
    ),
    casesPart(
      {
        name: 'b',
        claim: 'The first bound is an equality.',
        effect: 'difference of the two sides, relative to the sizes of their terms',
        tolerance,
      },
      first.map(Math.abs),
    ),
    casesPart(
      {
        name: 'c',
        claim: 'The second bound holds where dᵀHd ≤ ĝᵀHĝ.',
        effect:
          'excess of the left side over the right, relative to the sizes of their terms, where the condition holds',
        tolerance,
      },
      excesses.filter(({ holds }) => holds).map(({ value }) => value),
    ),
  ];
  const without = excesses.filter(({ holds }) => !holds);
  const fails = ({ value }: { readonly value: number }): boolean => value > tolerance;
  const convex = without.filter(({ layer }) => layer === 'convex loss');
  const shorter = excesses.filter(({ growth }) => growth <= 1);
  const outcome = `the second fails in ${without.filter(fails).length} of the ${without.length} without its side condition, ${convex.filter(fails).length} of them with positive semi-definite H`;
  const [, equality] = parts;
  return resultOf(parts, {
    outcome: `the first bound is an equality: ${equality?.cases === undefined ? '' : casesText(equality.cases, tolerance)}; the second holds in the ${excesses.length - without.length} cases with its side condition`,
    notes: [
      `Of ${excesses.length} random cases ${outcome}; since the first bound is an equality, the condition is not only enough but needed.`,
      `The condition is about d = (gamma/σ) P ĝ and so about gamma/σ: it holds in ${shorter.filter(({ holds }) => holds).length} of ${shorter.length} cases with ‖d‖ ≤ ‖ĝ‖, and in ${excesses.filter(({ holds, growth }) => holds && growth > 1).length} of ${excesses.length - shorter.length} with ‖d‖ > ‖ĝ‖.`,
      `The last term lowers the curvature only where gamma ⟨ĝ, ŷ⟩ > 0, here in ${countText(valuesOf(records, 'alignment'), (value) => value > 0)} cases; elsewhere it raises it.`,
    ],
    figures: [slackFigure(excesses)],
  });
}

interface Excess {
  readonly layer: string | undefined;
  readonly value: number;
  readonly growth: number;
  /** Whether dᵀHd ≤ ĝᵀHĝ. */
  readonly holds: boolean;
}

/** The second bound's excess in each case, with what its condition is about. */
function secondExcesses(records: RecordsBySeed): readonly Excess[] {
  const [conditions, growths] = [valuesOf(records, 'condition'), valuesOf(records, 'growth')];
  const all: readonly StepRecord[] = records.flat().filter(({ quantity }) => quantity === 'second-excess');
  return all.map(({ layer, value }, i) => ({
    layer,
    value,
    growth: need(growths[i], `a growth ${i}`),
    holds: need(conditions[i], `a condition ${i}`) >= 0,
  }));
}

function slackFigure(excesses: readonly Excess[]): PlotFigure {
  const edges = evenEdges(-1, 1, 40);
  const slacks = (condition: boolean): readonly number[] =>
    excesses.filter(({ holds }) => holds === condition).map(({ value }) => -value);
  return {
    id: 'santurkar2018-theorem-4-2-slack',
    title: 'What the second bound leaves',
    caption:
      'Right side less left side of the second bound over random units and smooth losses, relative to the sizes of their terms; below 0 the bound fails. By the equality of the first, the slack has the sign of ĝᵀHĝ − dᵀHd.',
    x: { label: 'slack / size of the terms', unit: '', scale: 'linear' },
    y: { label: 'cases', unit: '', scale: 'linear' },
    marks: [
      { mark: 'step', arm: 'with the condition', edges, counts: countBetween(slacks(true), edges) },
      { mark: 'step', arm: 'without', edges, counts: countBetween(slacks(false), edges) },
    ],
  };
}
