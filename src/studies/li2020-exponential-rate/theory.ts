/** @file The learning rates without weight decay that train a scale-invariant network as weight decay does. */

import { SettingError } from '../../errors.ts';
import { power, squareOf } from '../../math/power.ts';

/** Training with weight decay λ at the constant rate η, momentum μ (0 for plain SGD). */
export interface DecayedTraining {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly momentum: number;
}

/**
 * α with w_t = α^t v_t, by which weights with decay shrink against those without.
 *
 * With decay, w_{t+1} = (1 + μ − ηλ) w_t − μ w_{t−1} − η ∇L(w_t). A loss that does not change with the scale of its
 * weights has ∇L(a w) = ∇L(w) / a. In v this reads
 * v_{t+1} = ((1 + μ − ηλ)/α) v_t − (μ/α²) v_{t−1} − η α^{−(2t+1)} ∇L(v_t), which is a step without decay,
 * v_{t+1} − v_t = (μ/α²)(v_t − v_{t−1}) − lr_t ∇L(v_t), where the coefficient of v_t is 1 + μ/α²:
 *
 *     α² − (1 + μ − ηλ) α + μ = 0   and   lr_t = η α^{−(2t+1)}.
 *
 * As lr_t / lr_{t−1} = 1/α², the velocity m ← μ m + ∇L, v ← v − lr_t m, has the same momentum μ. Without momentum
 * α = 1 − ηλ. Of the two roots the larger is meant, which is the one near 1.
 * @throws {SettingError} where ηλ > (1 − √μ)²: the roots are complex, and no such schedule exists.
 */
export function shrinkage({ learningRate, weightDecay, momentum }: DecayedTraining): number {
  const product = learningRate * weightDecay;
  const bound = squareOf(1 - Math.sqrt(momentum));
  if (!(product > 0 && product < 1 && product <= bound)) {
    throw new SettingError(
      `Learning rate times weight decay must lie in (0, ${bound}] for momentum ${momentum}, got ${product}; ` +
        'lower either',
    );
  }
  const sum = 1 + momentum - product;
  return (sum + Math.sqrt(squareOf(sum) - 4 * momentum)) / 2;
}

/** lr_t = η α^{−(2t+1)}. */
export function exactRate(training: DecayedTraining, step: number): number {
  return training.learningRate * power(shrinkage(training), -(2 * step + 1));
}

/**
 * The form often quoted, lr_t = η α^{−2t}: α times the exact rate at every step. Training from weights scaled by a is
 * training at rates over a², so this one is exact from √α w_0, and from w_0 is not.
 */
export function quotedRate(training: DecayedTraining, step: number): number {
  return training.learningRate * power(shrinkage(training), -2 * step);
}

/**
 * m_0 = c w_0: the velocity with which training without decay must begin where that with decay begins at rest.
 * At rest w_{−1} = w_0, so that v_{−1} = α w_0 and v_0 − v_{−1} = −lr_{−1} m_0 with lr_{−1} = η α: c = (α − 1)/(η α).
 */
export function initialVelocity(training: DecayedTraining): number {
  const alpha = shrinkage(training);
  return (alpha - 1) / (training.learningRate * alpha);
}
