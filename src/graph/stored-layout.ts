/** @file How the axes of a tensor lie in memory: in any order, and two of them perhaps in blocks. */

import { type Shape, sizeAt } from './tensor-type.ts';

/**
 * Axis i of the stored tensor is axis `perm[i]` of the logical one. An axis that occurs twice is split: its first
 * occurrence counts blocks, its second the places in a block.
 */
export type Perm = readonly number[];

/**
 * How many neighbours along a split axis lie together, the same for a whole physical graph: the floats of a register of
 * AVX-512 or of AVX2, as the processor wants it; 1 where nothing is split.
 */
export type BlockSize = 1 | 8 | 16;

export function identity(rank: number): Perm {
  return Array.from({ length: rank }, (_, axis) => axis);
}

export function isIdentity(perm: Perm): boolean {
  return perm.every((axis, i) => axis === i);
}

export function isSplit(perm: Perm, axis: number): boolean {
  return perm.indexOf(axis) !== perm.lastIndexOf(axis);
}

/** Blocks, and places in a block. An axis of size 1, which broadcasts, stays one. */
export function splitSize(size: number, block: BlockSize): readonly [number, number] {
  return size === 1 ? [1, 1] : [size / block, block];
}

/** The sizes of the stored tensor from the logical ones. */
export function storedShape(shape: Shape, perm: Perm, block: BlockSize): Shape {
  return perm.map((axis, i) => {
    const size = sizeAt(shape, axis);
    return isSplit(perm, axis) ? splitSize(size, block)[perm.indexOf(axis) === i ? 0 : 1] : size;
  });
}

/** The logical sizes behind the stored ones. */
export function logicalShape(stored: Shape, perm: Perm): Shape {
  return [...new Set(perm)]
    .toSorted((a, b) => a - b)
    .map((axis) => stored.reduce((size, length, i) => (perm[i] === axis ? size * length : size), 1));
}

/**
 * The same order with split axes counted as two, so that none occurs twice: what moves the logical tensor, its split
 * axes cut in two, to the stored one.
 */
export function unsplit(perm: Perm): Perm {
  return perm.map((axis, i) => perm.filter((other) => other < axis).length + (perm.indexOf(axis) === i ? 0 : 1));
}
