/**
 * @file Ioffe and Szegedy 2015, section 3.3: what the scale a of a layer's weight does to a normalised layer. For
 * epsilon = 0 and a > 0 exactly BN((aW)u) = BN(Wu), ∂BN((aW)u)/∂u = ∂BN(Wu)/∂u and
 * ∂BN((aW)u)/∂(aW) = (1/a) ∂BN(Wu)/∂W. Jacobians are compared by their products with random cotangents.
 */

import type { PlotFigure } from '../figure.ts';
import { countBetween, evenEdges } from '../histogram.ts';
import { measuredStudy } from '../measured-study.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { PartResult } from '../result.ts';
import type { Study } from '../study.ts';
import { measure, type ScaleProtocol } from './measure.ts';

const protocol: ScaleProtocol = {
  cases: 100,
  scales: [0.1, 10],
  examples: 7,
  inputs: 5,
  units: 3,
  epsilons: [0, 1e-5],
};

/** Fixed beforehand: float64 gives 1e-15 per operation; a few hundred operations and divisions by σ leave 1e-8 wide. */
const rule = { tolerance: 1e-8 } as const;

const claims = [
  { name: 'a', quantity: 'output', claim: 'The output does not change with the scale of the weight.' },
  { name: 'b', quantity: 'input-gradient', claim: 'Nor does the Jacobian with respect to the input.' },
  {
    name: 'c',
    quantity: 'weight-gradient',
    claim: 'The gradient of the scaled weight is 1/a times that of the weight.',
  },
] as const;

export const ioffe2015Scale: Study = measuredStudy({
  name: 'ioffe2015/scale',
  title: 'Scale invariance of a normalised layer',
  paper: 'ioffe2015',
  where: 'Section 3.3',
  claim:
    'Scaling the weight of a layer before batch normalisation by a leaves its output and its input Jacobian as they are, and divides the gradient of its weight by a.',
  tags: ['exact', 'invariance'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: () => protocol,
  seconds: () => 1,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ records }, settings) => {
    const errors = (quantity: string, epsilon: number): readonly number[] =>
      records.values(`${quantity}-error`, { at: epsilon });
    const parts = claims.map(
      ({ name, quantity, claim }): PartResult =>
        casesPart(
          {
            name,
            claim,
            effect: `relative error of the ${quantity.replace('-', ' ')}, epsilon = 0, a in {${settings.scales.join(', ')}}`,
            tolerance: rule.tolerance,
            remarks: deviations(quantity, settings, errors),
          },
          errors(quantity, 0),
        ),
    );
    const [first] = parts;
    const outcome = first?.cases === undefined ? '' : casesText(first.cases, rule.tolerance);
    return resultOf(parts, {
      outcome: `scaling the weight changes nothing: ${outcome}`,
      figures: [deviationFigure(settings, errors)],
    });
  },
});

/** How large the deviations are, by power of ten. */
function deviationFigure(
  { epsilons }: ScaleProtocol,
  errors: (quantity: string, epsilon: number) => readonly number[],
): PlotFigure {
  const edges = evenEdges(-18, 2, 40);
  return {
    id: 'ioffe2015-scale-deviation',
    title: 'What scaling the weight changes in the output',
    caption:
      'Largest relative change of the output per case, over all scales a. Without epsilon it is rounding; an epsilon beside the variance sees the scale.',
    x: { label: 'power of ten of the relative change', unit: '', scale: 'linear' },
    y: { label: 'cases', unit: '', scale: 'linear' },
    marks: epsilons.map((epsilon) => ({
      mark: 'step',
      arm: `epsilon = ${epsilon}`,
      edges,
      counts: countBetween(
        errors('output', epsilon).map((error) => Math.log10(Math.max(error, 1e-18))),
        edges,
      ),
    })),
  };
}

/** What an epsilon does to the identity: reported, not judged. */
function deviations(
  quantity: string,
  { epsilons }: ScaleProtocol,
  errors: (quantity: string, epsilon: number) => readonly number[],
): readonly string[] {
  return epsilons
    .filter((epsilon) => epsilon > 0)
    .map(
      (epsilon) =>
        `With epsilon = ${epsilon} the largest deviation is ${Math.max(...errors(quantity, epsilon)).toExponential(1)}.`,
    );
}
