/**
 * @file Li and Arora 2020: with scale-invariant weights, weight decay at a constant learning rate is no weight decay at
 * an exponentially growing one. The rates are derived in `theory.ts`; the identity is exact, so that inputs and labels
 * may be drawn at random. What 200 steps leave of it in float64 is measured.
 */

import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { type CasesClaim, casesPart, casesText, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { exponentialRateFigures, largestError } from './figures.ts';
import { measure, type RateProtocol } from './measure.ts';
import { shrinkage } from './theory.ts';

const protocol: RateProtocol = {
  seeds: 3,
  steps: 200,
  momenta: [0, 0.9, 0],
  learningRates: [0.05, 0.02, 0.2],
  judged: 2,
  weightDecay: 0.05,
  examples: 32,
  inputs: 10,
  units: [12, 9],
  classes: 5,
};

/**
 * Each step rounds at 1e-16, and training is chaotic: what differs in one step grows in the next. How much is seen from a
 * twin, the training with weight decay itself from weights that differ by one rounding: where the twin drifts off by
 * more than the tolerance no two trainings can be compared, and the precondition fails. The judged rate without momentum
 * is the largest of 0.05, 0.1 and 0.2 whose twins stay below 1e-8; twins say nothing about the claim.
 */
const rule = { tolerance: 1e-4 } as const;

export const li2020ExponentialRate: Study = measuredStudy({
  name: 'li2020/exponential-rate',
  title: 'Weight decay as an exponentially growing learning rate',
  paper: 'li2020',
  where: 'Equivalence of weight decay and exponential rates, without and with momentum',
  claim:
    'A scale-invariant network trained by SGD with weight decay at a constant learning rate computes at every step what it computes when trained without weight decay at an exponentially growing rate.',
  tags: ['exact', 'training', 'weight-decay'],
  rule,
  amended:
    'Without momentum the rate was 0.2, and nothing was a precondition: 53 of 600 steps differed, all of one seed, where training differs as much ' +
    'from its own twin. Now the rate is one at which twins stay near; the seeds are the same.',
  code: import.meta.url,
  arms: ['batch'],
  protocol: () => protocol,
  seconds: () => 2,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ perCell, records }, settings) => {
    const { momenta, learningRates, weightDecay, judged } = settings;
    const errors = (quantity: string, at: number, layer?: string): readonly number[] =>
      records.values(quantity, { at, ...(layer !== undefined && { layer }) });
    const logits = (learningRate: number, layer: string): readonly number[] =>
      errors('logits-error', learningRate, layer);
    const largest = (learningRate: number, layer: string): string => format3(largestError(logits(learningRate, layer)));
    const { tolerance } = rule;
    /** A part about the trainings at some rates; it can be judged where their twins stay near. */
    const part = (rates: readonly number[], told: Omit<CasesClaim, 'tolerance'>, cases: readonly number[]) => {
      const judged = casesPart({ ...told, tolerance }, cases);
      const drift = largestError(rates.flatMap((rate) => logits(rate, 'twin')));
      return drift <= tolerance ? judged : { ...judged, verdict: 'precondition-failed' as const };
    };
    const judgedRates = learningRates.slice(0, judged);
    const functions = judgedRates.map((learningRate, i) => {
      const momentum = momenta[i] ?? 0;
      const alpha = shrinkage({ learningRate, weightDecay, momentum });
      return part(
        [learningRate],
        {
          name: letter(i),
          claim: `With momentum ${momentum} both trainings compute the same at every step.`,
          effect: `relative difference of the logits at one step and seed; without decay lr_t = η α^−(2t+1), η = ${learningRate}, λ = ${weightDecay}, α = ${format3(alpha)}, same momentum`,
          remarks: [
            `Quoted form lr_t = η α^−2t: largest difference ${largest(learningRate, 'quoted-rescaled')} from weights scaled by √α, ${largest(learningRate, 'quoted')} from the same weights.`,
            `For comparison: ${largest(learningRate, 'constant')} at the constant rate without decay; ${largest(learningRate, 'twin')} between training with decay and its twin, one rounding apart at the start.`,
          ],
        },
        logits(learningRate, 'exact'),
      );
    });
    const weights = part(
      judgedRates,
      {
        name: letter(judged),
        claim: 'The weights of both trainings differ by the factor α^T at the end, and by nothing else.',
        effect: 'relative difference of α^T v_T and w_T in a layer',
      },
      judgedRates.flatMap((learningRate) => errors('weight-error', learningRate)),
    );
    const quoted = part(
      judgedRates,
      {
        name: letter(judged + 1),
        claim: 'The quoted rates lr_t = η α^−2t do the same from initial weights scaled by √α.',
        effect: 'relative difference of the logits at one step, seed and momentum',
      },
      judgedRates.flatMap((learningRate) => logits(learningRate, 'quoted-rescaled')),
    );
    const parts = [...functions, weights, quoted];
    const outcome = functions.flatMap(({ cases }, i) =>
      cases === undefined ? [] : [`with momentum ${momenta[i]} ${casesText(cases, tolerance)}`],
    );
    const chaos = learningRates
      .slice(judged)
      .map(
        (learningRate) =>
          `At η = ${learningRate} the largest difference is ${largest(learningRate, 'exact')}, and that of the twin ${largest(learningRate, 'twin')}: where rounding alone grows so far, no two trainings can be compared. This rate was the first one fixed, and by the tolerance alone it fails; it is reported, and the judged rates are those whose twins stay near.`,
      );
    return resultOf(parts, {
      outcome: `weight decay against exponential rates: ${outcome.join('; ')}`,
      notes: [
        ...chaos,
        'The exponent is −(2t+1), with α = 1 − ηλ without momentum: lr_0 is η/(1 − ηλ), not η. The form often quoted, η(1 − ηλ)^−2t, is smaller by the constant factor 1 − ηλ; since rates over a² act on weights over a, it is exact if training begins from weights scaled by √(1 − ηλ), and takes rates too small by the relative amount ηλ if it begins from the same weights.',
        'With momentum μ, α is the larger root of α² − (1 + μ − ηλ) α + μ = 0, which is real for ηλ ≤ (1 − √μ)². Training without decay then begins with the velocity (α − 1)/(η α) w_0 where that with decay begins at rest.',
      ],
      figures: exponentialRateFigures(perCell, settings),
    });
  },
});

/** "a", "b", "c". */
function letter(place: number): string {
  return String.fromCharCode(97 + place);
}
