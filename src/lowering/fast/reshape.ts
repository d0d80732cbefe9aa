/** @file Reshape, Transpose and Expand: where memory can stay as it is, only the description of its axes changes. */

import { type Shape, sameShape, sizeAt } from '../../graph/tensor-type.ts';
import type { Rule } from './context.ts';
import { reshape } from './emit.ts';
import { identity, type Perm, storedShape } from '../../graph/stored-layout.ts';
import { asLayout, type Laid, withLeadingAxes } from './layout.ts';

export const reshapeRule: Rule<'Reshape'> = (c, { inputs: [x], outputs: [output] }) => {
  if (x === undefined || output === undefined) throw new RangeError('Reshape must have an input and an output');
  const laid = c.laid(x);
  const perm = reshapedLayout(x.shape, laid.perm, output.shape, c.layoutOf(output));
  if (perm !== undefined)
    return [{ value: reshape(c.b, laid.value, storedShape(output.shape, perm, c.b.block)), perm }];
  return [{ value: reshape(c.b, c.read(x), output.shape), perm: identity(output.shape.length) }];
};

export const transposeRule: Rule<'Transpose'> = (c, { inputs: [x], attrs }) => {
  if (x === undefined) throw new RangeError('Transpose must have an input');
  const { value, perm } = c.laid(x);
  return [{ value, perm: perm.map((axis) => attrs.perm.indexOf(axis)) }];
};

export const expandRule: Rule<'Expand'> = (c, { inputs: [x], outputs: [output] }) => {
  if (x === undefined || output === undefined) throw new RangeError('Expand must have an input and an output');
  const perm = c.layoutOf(output);
  const stored = storedShape(output.shape, perm, c.b.block);
  const operand = asLayout(c.b, withLeadingAxes(c.b, c.laid(x), output.shape.length), perm);
  if (sameShape(operand.shape, stored)) return [{ value: operand, perm }];
  const value = c.b.emit('Expand', [operand, c.b.ints(stored)], {}, stored);
  return [{ value, perm } satisfies Laid];
};

/** Logical axes of both shapes that hold the same elements: their sizes have one product. */
interface Factor {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * The layout of a reshaped value that leaves its memory alone; undefined where there is none. Axes that are merged
 * must be stored next to each other in their logical order; axes may always be split.
 * @param wanted - taken instead of an equivalent one that differs only in where the axes of size 1 are.
 */
export function reshapedLayout(from: Shape, perm: Perm, to: Shape, wanted: Perm): Perm | undefined {
  const long = perm.filter((axis) => sizeAt(from, axis) !== 1);
  const stored = long.filter((axis, i) => axis !== long[i - 1]);
  if (new Set(stored).size < stored.length) return undefined;
  const groups = factors(from, to);
  for (const { from: axes } of groups) {
    const start = stored.indexOf(axes[0] ?? -1);
    if (!axes.every((axis, i) => stored[start + i] === axis)) return undefined;
  }
  const order = groups
    .toSorted((p, q) => stored.indexOf(p.from[0] ?? -1) - stored.indexOf(q.from[0] ?? -1))
    .flatMap(({ to: axes }) => axes);
  const ones = identity(to.length).filter((axis) => sizeAt(to, axis) === 1);
  const asWanted = wanted.filter((axis) => sizeAt(to, axis) !== 1);
  return asWanted.every((axis, i) => axis === order[i]) ? wanted : [...ones, ...order];
}

/** The finest common factors of two shapes, axes of size 1 left out. */
function factors(from: Shape, to: Shape): readonly Factor[] {
  const [left, right] = [from, to].map((shape) => identity(shape.length).filter((axis) => sizeAt(shape, axis) !== 1));
  const found: Factor[] = [];
  const a = [...(left ?? [])];
  const b = [...(right ?? [])];
  while (a.length > 0 && b.length > 0) {
    const group: { from: number[]; to: number[] } = { from: [], to: [] };
    let [sizeA, sizeB] = [1, 1];
    do {
      if (sizeA <= sizeB) {
        const axis = a.shift() ?? 0;
        group.from.push(axis);
        sizeA *= sizeAt(from, axis);
      } else {
        const axis = b.shift() ?? 0;
        group.to.push(axis);
        sizeB *= sizeAt(to, axis);
      }
    } while (sizeA !== sizeB);
    found.push(group);
  }
  return found;
}
