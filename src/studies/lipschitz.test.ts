import { describe, expect, it } from 'vitest';
import { estimateLipschitz } from './lipschitz.ts';

/** f(x) = ‖x‖², whose slope is 2‖x‖: one point at 3 e₁, one at −e₂. */
const square = async (points: Float64Array) => ({
  values: Float64Array.from({ length: points.length / 2 }, (_, n) => points[2 * n]! ** 2 + points[2 * n + 1]! ** 2),
  gradients: points.map((value) => 2 * value),
});

describe('estimateLipschitz()', () => {
  it('finds the largest slope between points and at them', async () => {
    const { pairs, gradient } = await estimateLipschitz(square, Float64Array.of(3, 0, 0, -1), 2, {
      steps: 0,
      stride: 1,
    });
    expect(pairs).toBeCloseTo(8 / Math.sqrt(10), 12);
    expect(gradient).toBe(6);
  });

  it('walks up the gradient', async () => {
    const { gradient } = await estimateLipschitz(square, Float64Array.of(3, 0, 0, -1), 2, { steps: 4, stride: 0.5 });
    expect(gradient).toBeCloseTo(2 * 5, 12);
  });
});
