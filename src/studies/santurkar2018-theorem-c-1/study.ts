/**
 * @file Santurkar et al. 2018, Theorem C.1: Theorem 4.2 carried over to the layer's weight. As y = X W, ∇_W L̂ = Xᵀ d and
 * Ĥ_W = Xᵀ Ĥ X, so that d_Wᵀ Ĥ_W d_W = uᵀ Ĥ u with u = X Xᵀ d, and likewise without batch norm. Where X Xᵀ = λ² I both
 * curvatures are λ⁴ times those of Theorem 4.2, and the bound with κ = ⟨ĝ, ŷ⟩‖d‖²/(m gamma) follows from its second form,
 * with its side condition dᵀHd ≤ ĝᵀHĝ.
 *
 * The maximum over ‖X‖ ≤ λ is another matter: u is then any point of the ball through 0 and λ² d, where Ĥ has terms that
 * vanish at d alone. With X = 0 both maxima are at least 0, so that the bound fails at once where H is small and κ > 0.
 * As in Theorem 4.4, everything that y fixes is held fixed.
 */

import { need } from '../../errors.ts';
import type { PlotFigure } from '../figure.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import { countBetween, evenEdges } from '../histogram.ts';
import {
  type RecordsBySeed,
  theoremStudy,
  type TheoremProtocol,
  valuesOf,
} from '../santurkar2018-theorems/theorem-study.ts';
import type { Study } from '../study.ts';
import { measure } from './measure.ts';

const protocol: TheoremProtocol = { seeds: 3, units: 200, sizes: [4, 6] };

/** Float64: some thousand operations of 1e-16 each, and cancellation in ŷ where |mean| is a hundred times σ, leave 1e-8 wide. */
const rule = { tolerance: 1e-8 } as const;

export const santurkar2018TheoremC1: Study = theoremStudy<TheoremProtocol>({
  code: import.meta.url,
  name: 'santurkar2018/theorem-c-1',
  title: 'Theorem C.1: batch norm and curvature along the weight gradient',
  where: 'Theorem C.1',
  claim:
    'The largest curvature along the weight gradient with batch norm over all inputs of norm at most λ is below gamma²/σ² times the largest without, less λ⁴κ, where dᵀHd ≤ ĝᵀHĝ.',
  rule,
  protocol,
  seconds: 3,
  measure,
  decide,
});

export function decide(records: RecordsBySeed): StudyResult {
  const { tolerance } = rule;
  const cases = casesOf(records);
  const judged = cases.filter(({ holds }) => holds);
  const parts = [
    casesPart(
      {
        name: 'a',
        claim: 'Where dᵀHd ≤ ĝᵀHĝ the bound holds as printed, with each maximum over all X of norm at most λ.',
        effect: 'excess of the left side over the right, relative to the sizes of their terms',
        tolerance,
      },
      judged.map(({ printed }) => printed),
    ),
    casesPart(
      {
        name: 'b',
        claim: 'Where dᵀHd ≤ ĝᵀHĝ it holds with both sides at one X with X Xᵀ = λ² I.',
        effect: 'excess of the left side over the right, relative to the sizes of their terms',
        tolerance,
      },
      judged.map(({ orthogonal }) => orthogonal),
    ),
    casesPart(
      {
        name: 'c',
        claim: 'Each maximum is attained in the network, at an X that is known.',
        effect:
          'difference between the computed maximum and the measured curvature, relative to the sizes of the terms',
        tolerance,
      },
      valuesOf(records, 'attained-error'),
    ),
  ];
  const fails = ({ printed }: Case): boolean => !(printed <= tolerance);
  const rest = cases.filter(({ holds }) => !holds);
  const convex = judged.filter(({ layer }) => layer === 'convex loss');
  const decreasing = convex.filter(({ separation }) => separation > 0);
  const counted = (list: readonly Case[]): string => `${list.filter(fails).length} of ${list.length}`;
  const [, orthogonal] = parts;
  return resultOf(parts, {
    outcome: `as printed the bound fails in ${counted(judged)} random cases that keep its side condition; at an X with X Xᵀ = λ² I it holds: ${orthogonal?.cases === undefined ? '' : casesText(orthogonal.cases, tolerance)}`,
    notes: [
      `With the side condition the printed bound fails in ${counted(judged)} cases, among them ${counted(convex)} with positive semi-definite H and ${counted(decreasing)} that have κ > 0 as well; without the condition it fails in ${counted(rest)}.`,
      'The maximum over X moves u = X Xᵀ d away from λ² d, where the terms that vanish at d do not; as X = 0 is allowed the left side is never below 0, which the right side is where H is small and κ > 0.',
      `The form that holds compares both networks at one X with X Xᵀ = λ² I, for which it needs the side condition: without it it fails in ${rest.filter((one) => one.orthogonal > tolerance).length} of ${rest.length}.`,
      'Printed is <, which can at best be ≤: where dᵀHd = ĝᵀHĝ the two sides at such an X are equal.',
    ],
    figures: [slackFigure(judged)],
  });
}

interface Case {
  readonly layer: string | undefined;
  readonly holds: boolean;
  readonly printed: number;
  readonly orthogonal: number;
  readonly separation: number;
}

function casesOf(records: RecordsBySeed): readonly Case[] {
  const [printed, orthogonal, separation] = ['printed-excess', 'orthogonal-excess', 'separation'].map((quantity) =>
    valuesOf(records, quantity),
  );
  return records
    .flat()
    .filter(({ quantity }) => quantity === 'condition')
    .map(({ layer, value }, i) => ({
      layer,
      holds: value >= 0,
      printed: need(printed?.[i], `a printed excess ${i}`),
      orthogonal: need(orthogonal?.[i], `an orthogonal excess ${i}`),
      separation: need(separation?.[i], `a separation ${i}`),
    }));
}

function slackFigure(judged: readonly Case[]): PlotFigure {
  const edges = evenEdges(-1, 1, 40);
  const counts = (of: (one: Case) => number): readonly number[] =>
    countBetween(
      judged.map((one) => -of(one)),
      edges,
    );
  return {
    id: 'santurkar2018-theorem-c-1-slack',
    title: 'What the bound leaves',
    caption:
      'Right side less left side over random units and smooth losses with dᵀHd ≤ ĝᵀHĝ, relative to the sizes of their terms; below 0 the bound fails. Printed are maxima over all X of norm at most λ; the other outline has both sides at one X with X Xᵀ = λ² I.',
    x: { label: 'slack / size of the terms', unit: '', scale: 'linear' },
    y: { label: 'cases', unit: '', scale: 'linear' },
    marks: [
      { mark: 'step', arm: 'printed', edges, counts: counts(({ printed }) => printed) },
      { mark: 'step', arm: 'X Xᵀ = λ² I', edges, counts: counts(({ orthogonal }) => orthogonal) },
    ],
  };
}
