/**
 * @file Santurkar et al. 2018, Lemma 4.5: batch norm has an optimum nearer to where one starts. As BN(X aW) = BN(X W) for
 * a > 0, an optimum W* of the plain network gives one with batch norm at each point a W* of its ray, gamma and beta being
 * those of Observation 4.3. The nearest of them to W0 with ⟨W0, W*⟩ > 0 is the projection k W*, k = ⟨W*, W0⟩/‖W*‖², and
 * Pythagoras makes the lemma an equality there: ‖W0 − k W*‖² = ‖W0 − W*‖² − (1 − k)²‖W*‖². What it takes off is 0 only for
 * k = 1, where ⟨W*, W0⟩ = ‖W*‖².
 */

import { need } from '../../errors.ts';
import { median } from '../../math/statistics.ts';
import type { PlotFigure } from '../figure.ts';
import { format3 } from '../number-text.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import { countBetween, evenEdges } from '../histogram.ts';
import { type RecordsBySeed, theoremStudy, valuesOf } from '../santurkar2018-theorems/theorem-study.ts';
import type { Study } from '../study.ts';
import { measure, type OptimaProtocol } from './measure.ts';

const protocol: OptimaProtocol = { seeds: 3, units: 100, sizes: [4, 9], lengths: [3, 10, 50] };

/** Float64: some hundred operations of 1e-16 each, and cancellation of the mean against σ, leave 1e-8 wide. */
const rule = { tolerance: 1e-8 } as const;

const parts = [
  {
    quantity: 'printed-excess',
    of: Number,
    claim: 'The nearest optimum with batch norm is as near as printed.',
    effect: 'excess of the left side over the right, relative to ‖W0 − W*‖²',
  },
  {
    quantity: 'printed-excess',
    of: Math.abs,
    claim: 'For the optimum k W*, k = ⟨W*, W0⟩/‖W*‖², both sides are equal.',
    effect: 'difference of the two sides, relative to ‖W0 − W*‖²',
  },
  {
    quantity: 'nearest-excess',
    of: Number,
    claim: 'No other point of the ray through W* is nearer than k W*.',
    effect: '‖W0 − k W*‖² less that of the nearest of four other points, relative to ‖W0 − W*‖²',
  },
  {
    quantity: 'activation-error',
    of: Number,
    claim: 'With batch norm k W* computes what W* does without, gamma = σ and beta = mean of X W*.',
    effect: 'largest difference of the activations, relative to the largest activation',
  },
] as const;

export const santurkar2018Lemma45: Study = theoremStudy<OptimaProtocol>({
  code: import.meta.url,
  name: 'santurkar2018/lemma-4-5',
  title: 'Lemma 4.5: batch norm and the distance to an optimum',
  where: 'Lemma 4.5',
  claim:
    'Where ⟨W0, W*⟩ > 0 the optimum with batch norm is nearer to W0 than W*, in squared distance by (‖W*‖² − ⟨W*, W0⟩)²/‖W*‖² or more.',
  rule,
  protocol,
  seconds: 1,
  measure,
  decide,
});

export function decide(records: RecordsBySeed, { lengths }: OptimaProtocol): StudyResult {
  const { tolerance } = rule;
  const judged = parts.map(({ quantity, of, claim, effect }, i) =>
    casesPart(
      { name: need('abcd'[i], `a letter for part ${i}`), claim, effect, tolerance },
      valuesOf(records, quantity).map(of),
    ),
  );
  const [, equality] = judged;
  const ratios = lengths.map((length) => {
    const ratio = median(valuesOf(records, 'distance-ratio', ({ at }) => at === length));
    return `${format3(ratio)} for n = ${length}`;
  });
  const mirrored = Math.max(...valuesOf(records, 'mirrored-error'));
  return resultOf(judged, {
    outcome: `the printed bound is an equality for k W*, the projection of W0: ${equality?.cases === undefined ? '' : casesText(equality.cases, tolerance)}`,
    notes: [
      `What is taken off is 0 only where ⟨W*, W0⟩ = ‖W*‖². Between Gaussian W0 and W* the median of ‖W0 − k W*‖²/‖W0 − W*‖² is ${ratios.join(', ')}: in many dimensions it nears 1/2, since W0 is then nearly orthogonal to W* and k near 0.`,
      `The condition ⟨W0, W*⟩ > 0 is needed for gamma > 0 alone: with gamma = −σ the weight −k W* computes the same too (largest difference ${format3(mirrored)}).`,
      'The lemma needs of batch norm only that it does not see the length of W, and is about distance alone, not about how fast anything gets there.',
    ],
    figures: [ratioFigure(records, lengths)],
  });
}

function ratioFigure(records: RecordsBySeed, lengths: readonly number[]): PlotFigure {
  const edges = evenEdges(0, 1, 25);
  return {
    id: 'santurkar2018-lemma-4-5-distance',
    title: 'How much nearer the optimum is',
    caption:
      'Squared distance from a start to the nearest optimum on the ray of W* over that to W* itself, for Gaussian W0 and W* of length n with ⟨W0, W*⟩ > 0. Below 1 batch norm brings an optimum nearer.',
    x: { label: '‖W0 − k W*‖² / ‖W0 − W*‖²', unit: '', scale: 'linear' },
    y: { label: 'cases', unit: '', scale: 'linear' },
    marks: lengths.map((length) => ({
      mark: 'step',
      arm: `n = ${length}`,
      edges,
      counts: countBetween(
        valuesOf(records, 'distance-ratio', ({ at }) => at === length),
        edges,
      ),
    })),
  };
}
