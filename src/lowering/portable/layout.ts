/** @file How the axes of a value lie in memory, and the one conversion between two ways of lying. */

import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { type Shape, sizeAt } from '../../graph/tensor-type.ts';
import { reshape, transpose } from './emit.ts';

/** Axis i of the stored tensor is axis `perm[i]` of the logical one. */
export type Perm = readonly number[];

/** A value of the logical graph as it lies in the physical one. */
export interface Laid {
  readonly value: PhysicalValue;
  readonly perm: Perm;
}

/** Images [N, C, H, W] lie as [H, W, N, C]: with space outermost a Winograd transform is a matrix times the tensor. */
export const IMAGE: Perm = [2, 3, 0, 1];

/** Weights [K, C, R, S] lie as [R, S, C, K]: one matrix [C, K] per tap. */
export const WEIGHT: Perm = [2, 3, 1, 0];

export function identity(rank: number): Perm {
  return Array.from({ length: rank }, (_, axis) => axis);
}

export function isIdentity(perm: Perm): boolean {
  return perm.every((axis, i) => axis === i);
}

/** The sizes of the stored tensor from the logical ones. */
export function storedShape(shape: Shape, perm: Perm): Shape {
  return perm.map((axis) => sizeAt(shape, axis));
}

/** The value moved to another layout: nothing, a Reshape where only axes of size 1 move, or a Transpose. */
export function asLayout(b: PhysicalBuilder, { value, perm: from }: Laid, to: Perm): PhysicalValue {
  return transpose(
    b,
    value,
    to.map((axis) => from.indexOf(axis)),
  );
}

/** The value seen with axes of size 1 in front, up to the given rank. */
export function withLeadingAxes(b: PhysicalBuilder, { value, perm }: Laid, rank: number): Laid {
  const lead = identity(rank - perm.length);
  return {
    value: reshape(b, value, [...lead.map(() => 1), ...value.shape]),
    perm: [...lead, ...perm.map((axis) => axis + lead.length)],
  };
}

/** The data of a constant, given in logical order, in the order in which it is stored. */
export function storedData(data: readonly number[], shape: Shape, perm: Perm): readonly number[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return perm
    .reduce<readonly number[]>(
      (offsets, axis) =>
        offsets.flatMap((offset) =>
          Array.from({ length: sizeAt(shape, axis) }, (_, i) => offset + i * sizeAt(strides, axis)),
        ),
      [0],
    )
    .map((offset) => sizeAt(data, offset));
}
