/** @file A symmetric operator on some of its coordinates alone: the block of the Hessian that belongs to one layer. */

import { ShapeError } from '../errors.ts';
import type { SymmetricOperator } from './operator.ts';

/** Coordinates start, start + 1, …, end − 1. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Pᵀ A P, P the inclusion of the coordinates in the order of the ranges; each product costs one with A.
 * @throws {ShapeError} for a range that does not lie within the operator.
 *
 * @example
 * const operator = { size: 4, apply: async (v: Float64Array) => v.map((value, i) => value * i) };
 * const { values } = await lanczos(restricted(operator, [{ start: 0, end: 3 }]), { steps: 3, seed: 0 });
 * console.log(values.at(-1)); // 2
 */
export function restricted(operator: SymmetricOperator, ranges: readonly Range[]): SymmetricOperator {
  const bad = ranges.find(({ start, end }) => !(start >= 0 && start <= end && end <= operator.size));
  if (bad !== undefined) {
    throw new ShapeError(`A block must lie within ${operator.size} coordinates, got ${bad.start} to ${bad.end}`);
  }
  return {
    size: ranges.reduce((sum, { start, end }) => sum + end - start, 0),
    apply: async (v) => {
      const whole = new Float64Array(operator.size);
      let at = 0;
      for (const { start, end } of ranges) {
        whole.set(v.subarray(at, at + end - start), start);
        at += end - start;
      }
      return within(await operator.apply(whole), ranges);
    },
  };
}

/** The coordinates of a vector that lie in the ranges, one after the other. */
export function within(v: Float64Array, ranges: readonly Range[]): Float64Array {
  return Float64Array.from(ranges.flatMap(({ start, end }) => [...v.subarray(start, end)]));
}
