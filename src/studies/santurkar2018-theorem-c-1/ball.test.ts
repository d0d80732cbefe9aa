import { describe, expect, it } from 'vitest';
import { innerProduct } from '../../math/inner-product.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { maximumOverBall } from './ball.ts';

/** A random symmetric matrix [4, 4] of eigenvalues of both signs. */
const half = randomArray(16, 'ball hessian');
const hessian = half.map((value, i) => value + (half[(i % 4) * 4 + Math.floor(i / 4)] as number));
const v = randomArray(4, 'ball v');

function quadratic(u: Float64Array, matrix = hessian): number {
  const n = u.length;
  return u.reduce((sum, value, i) => sum + value * innerProduct(matrix.subarray(i * n, (i + 1) * n), u), 0);
}

describe('maximumOverBall()', () => {
  it('is λ⁴ ‖v‖² at λ² v for the identity', () => {
    const { at, bound } = maximumOverBall(Float64Array.of(1, 0, 0, 1), Float64Array.of(3, 4), 2);
    expect(bound).toBeCloseTo(16 * 25, 9);
    expect(at[0]).toBeCloseTo(12, 9);
    expect(at[1]).toBeCloseTo(16, 9);
  });

  it('is 0 at 0 where the Hessian curves down only', () => {
    const { at, bound } = maximumOverBall(Float64Array.of(-1, 0, 0, -2), Float64Array.of(3, 4), 1);
    expect(bound).toBeCloseTo(0, 9);
    expect(Math.hypot(...at)).toBeLessThan(1e-6);
  });

  it('is attained on the sphere, where u = X Xᵀ v for an X of norm λ', () => {
    const { at, bound } = maximumOverBall(hessian, v, 1.5);
    expect(quadratic(at)).toBeCloseTo(bound, 9);
    expect(innerProduct(at, at)).toBeCloseTo(1.5 ** 2 * innerProduct(at, v), 9);
  });

  it('is exceeded by no X of a search', () => {
    const { bound } = maximumOverBall(hessian, v, 1.5);
    let best = Number.NEGATIVE_INFINITY;
    for (let trial = 0; trial < 4000; trial++) {
      // X = 1.5 a bᵀ with ‖a‖ = ‖b‖ = 1 has X Xᵀ v = 1.5² a ⟨a, v⟩: each point of the sphere.
      const a = randomArray(4, `ball ${trial}`);
      const factor = (1.5 ** 2 * innerProduct(a, v)) / innerProduct(a, a);
      best = Math.max(best, quadratic(a.map((value) => factor * value)));
    }
    expect(best).toBeLessThanOrEqual(bound + 1e-12);
    expect(best).toBeGreaterThan(0.95 * bound);
  });
});
