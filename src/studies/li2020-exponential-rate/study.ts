/**
 * @file Li and Arora 2020: with scale-invariant weights, weight decay at a constant learning rate is no weight decay at
 * an exponentially growing one. The rates are derived in `theory.ts`; the identity is exact, so that inputs and labels
 * may be drawn at random. What 200 steps leave of it in float64 is measured.
 */

import { format3 } from '../number-text.ts';
import { override } from '../overrides.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { exponentialRateFigures, largestError } from './figures.ts';
import { measure, type RateProtocol } from './measure.ts';
import { shrinkage } from './theory.ts';

const protocol: RateProtocol = {
  seeds: 3,
  steps: 200,
  momenta: [0, 0.9],
  learningRates: [0.2, 0.02],
  weightDecay: 0.05,
  examples: 32,
  inputs: 10,
  units: [12, 9],
  classes: 5,
};

/**
 * Fixed beforehand. Each step rounds at 1e-16, and training is chaotic: what differs in one step grows in the next. 1e-4
 * leaves room for a growth of 1e12, far above what 200 steps make of it, and far below what a wrong rate does.
 */
const rule = { tolerance: 1e-4 } as const;

export const li2020ExponentialRate: Study = {
  name: 'li2020/exponential-rate',
  title: 'Weight decay as an exponentially growing learning rate',
  paper: 'li2020',
  where: 'Equivalence of weight decay and exponential rates, without and with momentum',
  claim:
    'A scale-invariant network trained by SGD with weight decay at a constant learning rate computes at every step what it computes when trained without weight decay at an exponentially growing rate.',
  tags: ['exact', 'training', 'weight-decay'],
  dataset: undefined,
  rule,
  plan: ({ seeds = protocol.seeds, set = {} }) => {
    const settings = override({ ...protocol, seeds }, set);
    const { seeds: count, momenta, learningRates, weightDecay } = settings;
    return {
      protocol: settings,
      cells: Array.from({ length: count }, (_, seed) => ({
        arm: 'batch',
        measurement: {
          name: 'li2020/exponential-rate',
          seed,
          settings,
          seconds: 2,
          measure: (laboratory) => measure(laboratory, settings, seed),
        },
      })),
      decide: (cells) => {
        const records = cells.flatMap((cell) => cell.records());
        const errors = (quantity: string, momentum: number, layer?: string): readonly number[] =>
          records.flatMap((record) =>
            record.quantity === quantity && record.at === momentum && (layer === undefined || record.layer === layer)
              ? [record.value]
              : [],
          );
        const { tolerance } = rule;
        const functions = momenta.map((momentum, i) => {
          const alpha = shrinkage({ learningRate: learningRates[i] ?? Number.NaN, weightDecay, momentum });
          const [rescaled, same, constant] = ['quoted-rescaled', 'quoted', 'constant'].map((layer) =>
            largestError(errors('logits-error', momentum, layer)),
          );
          return casesPart(
            {
              name: letter(i),
              claim: `With momentum ${momentum} both trainings compute the same at every step.`,
              effect: `relative difference of the logits at one step and seed; without decay lr_t = η α^−(2t+1), α = ${format3(alpha)}, same momentum`,
              tolerance,
              remarks: [
                `Quoted form lr_t = η α^−2t: largest difference ${format3(rescaled ?? Number.NaN)} from weights scaled by √α, ${format3(same ?? Number.NaN)} from the same weights.`,
                `Constant rate without decay, for comparison: ${format3(constant ?? Number.NaN)}.`,
              ],
            },
            errors('logits-error', momentum, 'exact'),
          );
        });
        const weights = casesPart(
          {
            name: letter(momenta.length),
            claim: 'The weights of both trainings differ by the factor α^T at the end, and by nothing else.',
            effect: 'relative difference of α^T v_T and w_T in a layer',
            tolerance,
          },
          momenta.flatMap((momentum) => errors('weight-error', momentum)),
        );
        const quoted = casesPart(
          {
            name: letter(momenta.length + 1),
            claim: 'The quoted rates lr_t = η α^−2t do the same from initial weights scaled by √α.',
            effect: 'relative difference of the logits at one step, seed and momentum',
            tolerance,
          },
          momenta.flatMap((momentum) => errors('logits-error', momentum, 'quoted-rescaled')),
        );
        const parts = [...functions, weights, quoted];
        const [first] = parts;
        const outcome = first?.cases === undefined ? '' : casesText(first.cases, tolerance);
        return resultOf(parts, {
          outcome: `weight decay and exponential rates train alike: without momentum, ${outcome}`,
          notes: [
            'The exponent is −(2t+1), with α = 1 − ηλ without momentum: lr_0 is η/(1 − ηλ), not η. The form often quoted, η(1 − ηλ)^−2t, is smaller by the constant factor 1 − ηλ; since rates over a² act on weights over a, it is exact if training begins from weights scaled by √(1 − ηλ), and an approximation of relative order ηλ if it begins from the same weights.',
            'With momentum μ, α is the larger root of α² − (1 + μ − ηλ) α + μ = 0, which is real for ηλ ≤ (1 − √μ)². Training without decay then begins with the velocity (α − 1)/(η α) w_0 where that with decay begins at rest.',
          ],
          figures: exponentialRateFigures(
            cells.map((cell) => cell.records()),
            settings,
          ),
        });
      },
    };
  },
};

/** "a", "b", "c". */
function letter(place: number): string {
  return String.fromCharCode(97 + place);
}
