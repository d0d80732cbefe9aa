/** @file Rules on a short training at the user's learning rate, and on the largest that holds. */

import type { Interval } from '../../math/statistics.ts';
import type { Finding } from '../finding.ts';
import type { Measured } from '../measure.ts';
import { STEPS, type Trial, type TrialFault } from '../trials.ts';
import { beyond, percent, short } from './rule.ts';

/** What was tried around the user's rate. */
export interface TriedRates {
  readonly atRate: Trial;
  readonly atHalf: Trial | undefined;
  /** Of the largest rate that held; undefined where none did. */
  readonly atCeiling: Trial | undefined;
  /** The geometric middle between the largest that holds and the smallest that fails, where both are known. */
  readonly ceiling: number | undefined;
  /** Of the ceiling, over orders of the examples; undefined where there was one. */
  readonly interval?: Interval | undefined;
}

/** What becomes of a training that does not hold, behind the losses that it goes through. */
const faultWords: Readonly<Record<TrialFault, string>> = {
  diverges: 'and beyond all bounds',
  'one answer': 'and every example then gets the same answer',
  'ends higher': 'no better than it began',
};

/** The user's rate beside the ceiling. */
export function rateCeiling({ atRate, atHalf, atCeiling, ceiling, interval }: TriedRates): readonly Finding[] {
  const { rate } = atRate;
  const largest = ceiling ?? atCeiling?.rate;
  // Whether it holds is what counts; the bracket's middle is known to a factor of two.
  const ratio = largest === undefined ? Number.POSITIVE_INFINITY : rate / largest;
  const number = atRate.holds ? Math.min(ratio, 1) : Math.max(ratio, 1 + Number.EPSILON);
  const tried = atHalf?.holds === true ? atHalf : atCeiling;
  return beyond('rate-ceiling', number, {
    text: atRate.holds
      ? `the learning rate ${short(rate)} holds, and one of about ${short(largest ?? Number.NaN)} does not: little is left for a bad batch`
      : `at the learning rate ${short(rate)} training does not hold for ${STEPS} steps: the loss goes from ${short(atRate.losses[0] ?? Number.NaN)} to ${short(atRate.losses.at(-1) ?? Number.NaN)}${atRate.fault === undefined ? '' : `, ${faultWords[atRate.fault]}`}`,
    over: interval && 'orders of the examples',
    interval: interval && {
      ...interval,
      mean: rate / interval.mean,
      lower: rate / interval.upper,
      upper: rate / interval.lower,
    },
    repair:
      atCeiling === undefined
        ? 'no rate that was tried holds: look at the other findings first'
        : `use ${short(atCeiling.rate)} or less, or warm up`,
  }).map((finding) =>
    tried === undefined
      ? finding
      : {
          ...finding,
          counterfactual: {
            run: `${tried.losses.length} steps at ${short(tried.rate)} from the same weights`,
            result: `the loss goes from ${short(tried.losses[0] ?? Number.NaN)} to ${short(tried.losses.at(-1) ?? Number.NaN)}`,
            helps: tried.holds,
          },
        },
  );
}

/** ‖w‖ before norms, whose growth lowers the rate that counts, η/‖w‖². */
export function weightGrowth({ rate, growth, losses }: Trial): readonly Finding[] {
  if (!Number.isFinite(growth)) return [];
  const per100 = ((growth - 1) * 100) / losses.length;
  return beyond('weight-growth', per100, {
    text: `at a rate of ${short(rate)} the weights before norms grow by ${percent(per100)} per 100 steps: what counts behind a norm is rate ÷ ‖w‖², and that falls by itself`,
    repair: 'a smaller rate, a warm-up, or weight decay keep ‖w‖ where it is',
  });
}

/** What SageMaker's rules ask of updates. */
export function updateNotes({ weights }: Measured, { rate, unchanged }: Trial): readonly Finding[] {
  const sizes = weights.flatMap(({ about, gradient, length }) => {
    const ratio = (rate * gradient.value) / length;
    return beyond('update-ratio', ratio < 1e-8 ? Number.POSITIVE_INFINITY : ratio, {
      layer: about.layer,
      text: `a step at ${short(rate)} moves ${about.name} by ${short(ratio)} of its own length`,
      repair: 'look at this layer’s rate and scale',
    });
  });
  const still = beyond('unchanged', unchanged.length, {
    layer: weights.find(({ about }) => about.name === unchanged[0])?.about.layer,
    text: `${STEPS} steps left ${unchanged.join(', ')} as they were, to the last bit`,
    repair: 'look whether anything depends on them, and whether their gradients are below rounding',
  });
  return [...sizes, ...still];
}
