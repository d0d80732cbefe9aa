/**
 * @file Kohler et al. 2018: batch norm splits a weight into length and direction. BN(xᵀw) = xᵀw̃ with
 * w̃ = gamma w/(wᵀSw)^{1/2}, where S = E[x xᵀ] over the batch for x of mean 0, and in general the covariance, with x − E x
 * for x. Weight norm is the case S = I. On least squares the best length leaves a Rayleigh quotient in the direction, on
 * which gradient descent with an adaptive step converges linearly; the bound is derived in `theory.ts`.
 */

import { power, squareOf } from '../../math/power.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../figure.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { type CasesClaim, casesPart, casesText, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { type LengthDirectionProtocol, measure } from './measure.ts';

const protocol: LengthDirectionProtocol = {
  cases: 100,
  examples: 17,
  inputs: 7,
  units: 3,
  problems: 20,
  steps: 80,
  condition: 10,
};

/**
 * Fixed beforehand. float64 gives 1e-15 per operation; a few hundred operations and divisions by σ leave 1e-8 wide.
 * `floor`: losses are differences from a minimum of order one, known to 1e-16, so that steps are judged while what is left
 * is 1e-6 of the first or more, and its ratios are known to 1e-9.
 */
const rule = { tolerance: 1e-8, floor: 1e-6 } as const;

const identities = [
  {
    quantities: ['centred-error'],
    claim:
      'For inputs of mean 0, batch norm is the linear layer with weight gamma w over the S-norm of w, S the second moment over the batch.',
    effect: 'relative error of the output',
  },
  {
    quantities: ['covariance-error'],
    claim: 'For any inputs the same holds of inputs less their mean, with S their covariance.',
    effect: 'relative error of the output',
  },
  {
    quantities: ['orthogonality'],
    claim: 'The gradient of a weight is orthogonal to the weight.',
    effect: '|⟨w, ∂L/∂w⟩| / (‖w‖ ‖∂L/∂w‖), the largest of the units',
  },
  {
    quantities: ['weight-norm-output-error', 'weight-norm-weight-error', 'weight-norm-gamma-error'],
    claim:
      'On whitened inputs, S = I, batch norm and weight norm have the same outputs and the same gradients of weight and gamma.',
    effect: 'relative difference of output or gradient',
  },
  {
    quantities: ['rayleigh-error', 'length-error', 'rayleigh-gradient-error'],
    claim:
      'On least squares the best length leaves a constant less (uᵀw)²/(2 wᵀSw), a generalised Rayleigh quotient of the direction.',
    effect: 'relative error of the loss and its gradient at the best gamma, and ∂L/∂gamma there',
  },
] as const;

export const kohler2018LengthDirection: Study = measuredStudy({
  name: 'kohler2018/length-direction',
  title: 'Batch norm as length and direction',
  paper: 'kohler2018',
  where: 'Length–direction decoupling, and ordinary least squares',
  claim:
    'Batch normalisation splits a weight into a length and a direction measured by the covariance of the inputs, of which weight normalisation is the case of whitened inputs, and on least squares descent on the direction converges linearly.',
  tags: ['exact', 'invariance', 'reparametrisation'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: () => protocol,
  seconds: () => 2,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ records }, settings) => {
    const bound = squareOf(1 - 1 / settings.condition);
    const ratios = stepRatios(records.all, settings);
    const rate: CasesClaim = {
      name: 'f',
      claim:
        'Gradient descent on the direction with the adaptive step shrinks the suboptimality by (1 − μ/L)² or more at every step.',
      effect: `how far a step's ratio of suboptimalities lies above (1 − μ/L)² = ${format3(bound)}, relatively, while ${rule.floor} of the first is left`,
      tolerance: rule.tolerance,
      remarks: [
        `Measured ratios per step: ${ratios.length === 0 ? 'none' : `${format3(Math.min(...ratios))} to ${format3(Math.max(...ratios))}`}.`,
      ],
    };
    const parts = [
      ...identities.map(({ quantities, claim, effect }, i) =>
        casesPart(
          { name: 'abcde'.charAt(i), claim, effect, tolerance: rule.tolerance },
          quantities.flatMap((quantity) => records.values(quantity)),
        ),
      ),
      casesPart(
        rate,
        ratios.map((ratio) => Math.max(0, ratio / bound - 1)),
      ),
    ];
    const [first] = parts;
    const least = (quantity: string): string => format3(Math.min(...records.values(quantity)));
    return resultOf(parts, {
      outcome: `batch norm is a linear layer of the weight gamma w/‖w‖_S: ${first?.cases === undefined ? '' : casesText(first.cases, rule.tolerance)}`,
      notes: [
        `On inputs that are not centred, S must be their covariance: with E[x xᵀ] the output is off by at least ${least('moment-error')} of its size.`,
        `Even on whitened inputs the gradients with respect to the inputs differ, by at least ${least('weight-norm-input-error')} of their size: batch norm's S depends on the inputs, weight norm's I does not.`,
      ],
      figures: [descentFigure(records.all, settings)],
    });
  },
});

/** Suboptimalities of each problem, by step. */
function courses(records: readonly StepRecord[], problems: number): readonly (readonly number[])[] {
  return Array.from({ length: problems }, (_, problem) =>
    records.flatMap(({ quantity, at, value }) => (quantity === 'suboptimality' && at === problem ? [value] : [])),
  );
}

/** Ratios of successive suboptimalities, while what is left is above the floor of the rule. */
function stepRatios(records: readonly StepRecord[], { problems }: LengthDirectionProtocol): readonly number[] {
  return courses(records, problems).flatMap((course) =>
    course.slice(1).flatMap((value, t) => {
      const before = course[t] as number;
      return before <= rule.floor ? [] : [value / before];
    }),
  );
}

function descentFigure(
  records: readonly StepRecord[],
  { problems, steps, condition }: LengthDirectionProtocol,
): PlotFigure {
  const upTo = Array.from({ length: steps + 1 }, (_, step) => step);
  return {
    id: 'kohler2018-length-direction-descent',
    title: 'Descent on the direction',
    caption: `Suboptimality over iterations of gradient descent on the direction with the adaptive step, the best length at each, for ${problems} least-squares problems with L/μ = ${condition}: all stay below the bound. Values at rounding level are left out.`,
    x: { label: 'iteration', unit: '', scale: 'linear' },
    y: { label: 'suboptimality over initial', unit: '', scale: 'log' },
    marks: [
      ...courses(records, problems).map((course, seed) => {
        const seen = upTo.filter((step) => (course[step] ?? 0) > 1e-13);
        return { mark: 'line' as const, arm: 'batch', seed, x: seen, y: seen.map((step) => course[step] as number) };
      }),
      {
        mark: 'line',
        arm: 'theory',
        label: '(1 − μ/L)^2t',
        seed: 0,
        x: upTo,
        y: upTo.map((step) => power(1 - 1 / condition, 2 * step)),
      },
    ],
  };
}
