/**
 * @file Mean-field theory of deep batch-normalised networks without skip connections (yang2019): at the fixed point of the
 * forward pass every two examples of a batch of B have the correlation −1/(B − 1) before the activation, and the squared
 * norm of the gradient grows by a constant factor per layer towards the input.
 */

export type Nonlinearity = 'relu' | 'identity';

/** The factor for infinite batches with ReLU: π/(π − 1) = 1.467. */
export const RELU_LIMIT: number = Math.PI / (Math.PI - 1);

/**
 * Growth of ‖∂L/∂h‖² per layer for infinite width. With c = −1/(B − 1), J(c) = (√(1 − c²) + (π − arccos c) c)/π and
 * J′(c) = (π − arccos c)/π it is, with ReLU, (J′(c) + B − 1)/((B − 3)(1 − J(c))) − 1/(B − 3), and without a
 * non-linearity (B − 2)/(B − 3).
 * @param batch - B, above 3: for less the expected squared gradient is infinite
 */
export function growth(nonlinearity: Nonlinearity, batch: number): number {
  if (nonlinearity === 'identity') return (batch - 2) / (batch - 3);
  const c = -1 / (batch - 1);
  const slope = (Math.PI - Math.acos(c)) / Math.PI;
  const kernel = Math.sqrt(1 - c * c) / Math.PI + slope * c;
  return (slope + batch - 1) / ((batch - 3) * (1 - kernel)) - 1 / (batch - 3);
}
