/** @file The orders of a step on all weights of a chain y = w_l … w_1 x, and polynomials from values at Chebyshev's nodes. */

import { need } from '../../errors.ts';

/** Π of the numbers. */
export function product(numbers: ArrayLike<number>): number {
  let result = 1;
  for (let i = 0; i < numbers.length; i++) result *= numbers[i] as number;
  return result;
}

/**
 * The coefficients of 1, t, t², … in x Π (wᵢ − t gᵢ) with gᵢ = ∂y/∂wᵢ = x Π_{j≠i} wⱼ: that of tᵏ is
 * (−1)ᵏ x Σ over sets S of k layers of Π_{i in S} gᵢ Π_{i not in S} wᵢ. Multiplied out one layer at a time.
 */
export function ordersOf(weights: readonly number[], x: number): readonly number[] {
  return weights.reduce<readonly number[]>(
    (orders, weight, i) => {
      const gradient = x * product(weights.filter((_, j) => j !== i));
      return [...orders, 0].map((order, k) => weight * order - gradient * (orders[k - 1] ?? 0));
    },
    [x],
  );
}

/**
 * The largest that order k can be, as a share of the output, where the first order is the share delta of it:
 * C(l, k) (delta/l)ᵏ, by Maclaurin's inequality. Orders are y (−1)ᵏ times the elementary symmetric polynomials of
 * t gᵢ/wᵢ = t y/wᵢ², which all have one sign; equality holds where all weights have one size.
 */
export function largestOrder(depth: number, k: number, delta: number): number {
  return product(Array.from({ length: k }, (_, i) => (((depth - i) / (i + 1)) * delta) / depth));
}

/** The degree + 1 zeros of Chebyshev's polynomial of that order, in (−1, 1). */
export function chebyshevNodes(degree: number): readonly number[] {
  return Array.from({ length: degree + 1 }, (_, j) => Math.cos((Math.PI * (j + 0.5)) / (degree + 1)));
}

/**
 * The coefficients of 1, t, t², … of the polynomial with these values at the nodes: its Chebyshev coefficients, which are
 * inner products, turned into powers. Rounding is at most (1 + √2)^degree times that of the values, 2e4 for degree 11.
 */
export function coefficientsFrom(values: readonly number[]): readonly number[] {
  const count = values.length;
  const nodes = chebyshevNodes(count - 1);
  const total = new Array<number>(count).fill(0);
  let [before, current]: [readonly number[], readonly number[]] = [[], [1]];
  for (let k = 0; k < count; k++) {
    const inner = nodes.reduce(
      (sum, node, j) => sum + need(values[j], `a value at node ${j}`) * Math.cos(k * Math.acos(node)),
      0,
    );
    const share = ((k === 0 ? 1 : 2) * inner) / count;
    current.forEach((coefficient, power) => {
      total[power] = need(total[power], `a power ${power}`) + share * coefficient;
    });
    // T_{k+1} = 2 t T_k − T_{k−1}, where T_1 = t.
    const factor = k === 0 ? 1 : 2;
    const next = [0, ...current.map((coefficient) => factor * coefficient)];
    [before, current] = [current, next.map((coefficient, power) => coefficient - (before[power] ?? 0))];
  }
  return total;
}
