/** @file Where the values of a graph lie, and the one conversion between two ways of lying. */

import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import {
  type BlockSize,
  identity,
  isSplit,
  logicalShape,
  type Perm,
  splitSize,
  storedShape,
} from '../../graph/stored-layout.ts';
import { type Shape, sizeAt } from '../../graph/tensor-type.ts';
import { reshape, transpose } from './emit.ts';

/** A value of the logical graph as it lies in the physical one. */
export interface Laid {
  readonly value: PhysicalValue;
  readonly perm: Perm;
}

/** Images [N, C, H, W] lie as [H, W, N, C]: with space outermost a Winograd transform is a matrix times the tensor. */
export const IMAGE: Perm = [2, 3, 0, 1];

/** Weights [K, C, R, S] lie as [R, S, C, K]: one matrix [C, K] per tap. */
export const WEIGHT: Perm = [2, 3, 1, 0];

/** Images in blocks of channels, 16 on some processors, 8 on others: [N, C/16, H, W, 16]. */
export const BLOCKED: Perm = [0, 1, 2, 3, 1];

/** Weights as convolutions of such images read them: [K/16, C/16, R, S, 16 of C, 16 of K]. */
export const BLOCKED_WEIGHT: Perm = [0, 1, 2, 3, 1, 0];

/** The same for fewer input channels than a block has, which stay as they are. */
export const NARROW_WEIGHT: Perm = [0, 1, 2, 3, 0];

/** The value moved to another layout: nothing, a Reshape where only axes of size 1 move, or a Transpose. */
export function asLayout(b: PhysicalBuilder, { value, perm: from }: Laid, to: Perm): PhysicalValue {
  if (from.length === to.length && from.every((axis, i) => axis === to[i])) return value;
  const split = new Set([...from, ...to].filter((axis) => isSplit(from, axis) || isSplit(to, axis)));
  const [pieces, wanted] = [piecesOf(from, split), piecesOf(to, split)];
  const shape = logicalShape(value.shape, from);
  const sizes = pieces.map((piece) => {
    const axis = Math.floor(piece / 2);
    const size = sizeAt(shape, axis);
    return split.has(axis) ? splitSize(size, b.block)[piece % 2 === 0 ? 0 : 1] : size;
  });
  const moved = transpose(
    b,
    reshape(b, value, sizes),
    wanted.map((piece) => pieces.indexOf(piece)),
  );
  return reshape(b, moved, storedShape(shape, to, b.block));
}

/**
 * The stored axes, where every axis of `split` counts as two: 2 · axis stands for its blocks, or for the whole of an
 * axis that is not split, and 2 · axis + 1 for the places in a block.
 */
function piecesOf(perm: Perm, split: ReadonlySet<number>): readonly number[] {
  return perm.flatMap((axis, i) => {
    if (!split.has(axis)) return [2 * axis];
    if (!isSplit(perm, axis)) return [2 * axis, 2 * axis + 1];
    return [2 * axis + (perm.indexOf(axis) === i ? 0 : 1)];
  });
}

/** The same memory where the two parts of a split axis are neighbours again: there it counts as whole. */
export function withoutNeedlessSplits(b: PhysicalBuilder, { value, perm }: Laid): Laid {
  const kept = perm.filter((axis, i) => axis !== perm[i - 1]);
  return { value: reshape(b, value, storedShape(logicalShape(value.shape, perm), kept, b.block)), perm: kept };
}

/** The value seen with axes of size 1 in front, up to the given rank. */
export function withLeadingAxes(b: PhysicalBuilder, { value, perm }: Laid, rank: number): Laid {
  const lead = identity(rank - new Set(perm).size);
  return {
    value: reshape(b, value, [...lead.map(() => 1), ...value.shape]),
    perm: [...lead, ...perm.map((axis) => axis + lead.length)],
  };
}

/** The data of a constant, given in logical order, in the order in which it is stored. */
export function storedData(data: readonly number[], shape: Shape, perm: Perm, block: BlockSize): readonly number[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = storedShape(shape, perm, block);
  return perm
    .reduce<readonly number[]>(
      (offsets, axis, i) => {
        const isBlocks = isSplit(perm, axis) && perm.indexOf(axis) === i;
        const stride = sizeAt(strides, axis) * (isBlocks ? block : 1);
        return offsets.flatMap((offset) => Array.from({ length: sizeAt(sizes, i) }, (_, j) => offset + j * stride));
      },
      [0],
    )
    .map((offset) => sizeAt(data, offset));
}
