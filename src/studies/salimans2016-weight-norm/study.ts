/**
 * @file Salimans and Kingma 2016: weight normalisation w = g v/‖v‖. The gradients of g and v follow from that of w; that of
 * v is orthogonal to v, so that under plain gradient descent ‖v_{t+1}‖² = ‖v_t‖² + lr² ‖∂L/∂v_t‖² and no direction ever
 * becomes shorter. Gain and bias set from a first batch leave its pre-activations with mean 0 and variance 1.
 */

import { stepsAxis } from '../trained-figures.ts';
import { counted } from '../../counted.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../figure.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { measure } from './measure.ts';
import type { WeightNormProtocol } from './protocol.ts';

const protocol: WeightNormProtocol = {
  seeds: 3,
  cases: 100,
  examples: 9,
  inputs: 7,
  units: 4,
  steps: 200,
  learningRate: 0.3,
  width: 0.11,
  classes: 3,
  batchSize: 32,
};

/**
 * Fixed beforehand. Identities: float64 gives 1e-15 per operation, a few hundred of them and divisions by norms leave
 * 1e-8 wide. Norms over a step: each of the three terms is a sum of up to eleven squares, rounded at 1.1e-16 each, and the
 * update rounds the direction as much: below 1e-14; ten times that is the tolerance, relative to the norm itself.
 */
const rule = { tolerance: 1e-8, norm: 1e-13 } as const;

const claims = [
  {
    quantities: ['gain-error'],
    claim: 'The gradient of the gain is the gradient of the weight along its direction.',
    effect: 'relative error of ∂L/∂g = (∂L/∂w · v)/‖v‖',
    tolerance: rule.tolerance,
  },
  {
    quantities: ['direction-error'],
    claim: 'The gradient of the direction is that of the weight, scaled by g/‖v‖, less its part along the direction.',
    effect: 'relative error of ∂L/∂v = (g/‖v‖) ∂L/∂w − (g (∂L/∂g)/‖v‖²) v',
    tolerance: rule.tolerance,
  },
  {
    quantities: ['orthogonality'],
    claim: 'The gradient of the direction is orthogonal to the direction.',
    effect: '|⟨v, ∂L/∂v⟩| / (‖v‖ ‖∂L/∂v‖), the largest of the units',
    tolerance: rule.tolerance,
  },
  {
    quantities: ['growth-error', 'shrinkage'],
    claim:
      'Under plain gradient descent each step adds lr² ‖∂L/∂v‖² to ‖v‖², so that no direction ever becomes shorter.',
    effect: 'relative error of ‖v_{t+1}‖² = ‖v_t‖² + lr² ‖∂L/∂v_t‖², and relative shrinkage, per step, layer and seed',
    tolerance: rule.norm,
  },
  {
    quantities: ['first-mean', 'first-variance'],
    claim:
      'Gain and bias set from a first batch leave the pre-activations of every layer with mean 0 and variance 1 on it.',
    effect: '|mean| and |variance − 1| of a layer’s pre-activations, the largest of the units, biased variance',
    tolerance: rule.tolerance,
  },
] as const;

export const salimans2016WeightNorm: Study = measuredStudy({
  name: 'salimans2016/weight-norm',
  title: 'Weight normalisation and the growth of its directions',
  paper: 'salimans2016',
  where: 'Sections 2 and 3',
  claim:
    'The gradient of a weight-normalised direction is orthogonal to it, so that gradient descent never shortens it, and initialisation by a first batch normalises that batch in every layer.',
  tags: ['exact', 'training', 'reparametrisation'],
  rule,
  code: import.meta.url,
  arms: ['weight'],
  protocol: () => protocol,
  seconds: () => 1,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ perCell, records }, settings) => {
    const parts = claims.map(({ quantities, ...told }, i) =>
      casesPart(
        { name: 'abcde'.charAt(i), ...told },
        quantities.flatMap((quantity) => records.values(quantity)),
      ),
    );
    const grown = parts[3]?.cases;
    const ends = records.values('growth', { step: settings.steps });
    return resultOf(parts, {
      outcome: `over ${counted(settings.steps, 'step')} ‖v‖² of a layer grows ${format3(Math.min(...ends))} to ${format3(Math.max(...ends))} times, each step by lr² ‖∂L/∂v‖²: ${grown === undefined ? '' : casesText(grown, rule.norm)}`,
      notes: [
        'The orthogonality is that of the gradient: momentum, weight decay and adaptive methods move along other directions, and the growth law is not claimed for them.',
      ],
      figures: [growthFigure(perCell, settings)],
    });
  },
});

function growthFigure(
  seeds: readonly (readonly StepRecord[])[],
  { learningRate, steps }: WeightNormProtocol,
): PlotFigure {
  const points = (records: readonly StepRecord[], quantity: string, layer: string) => {
    const found = records.filter((record) => record.quantity === quantity && record.layer === layer);
    return { x: found.map(({ step }) => step), y: found.map(({ value }) => value) };
  };
  const layers = new Set(
    seeds.flat().flatMap(({ quantity, layer }) => (quantity === 'growth' && layer !== undefined ? [layer] : [])),
  );
  return {
    id: 'salimans2016-weight-norm-growth',
    title: 'Directions only become longer',
    caption: `‖v‖² of each layer over its initial value, in ${counted(steps, 'step')} of plain gradient descent at the rate ${learningRate} on random inputs that a linear teacher labels (multi-layer perceptron, tanh, float64); the thin black lines, on which they lie, add up lr² ‖∂L/∂v‖².`,
    x: stepsAxis,
    y: { label: '‖v‖² over initial', unit: '', scale: 'linear' },
    marks: [...layers].flatMap((layer) =>
      seeds.flatMap((records, seed) => [
        { mark: 'line' as const, arm: layer, seed, ...points(records, 'growth', layer) },
        { mark: 'line' as const, arm: 'theory', seed, ...points(records, 'predicted-growth', layer) },
      ]),
    ),
  };
}
