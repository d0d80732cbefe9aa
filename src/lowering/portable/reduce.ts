/** @file Reductions: over the stored axes, whatever their order, outermost first. */

import { elementCount, normaliseAxes } from '../../graph/tensor-type.ts';
import type { PortableContext, Rule } from './context.ts';
import { binary, reduce, reshape } from './emit.ts';
import type { Laid, Perm } from './layout.ts';

export function reduceRule<K extends 'ReduceSum' | 'ReduceMean'>(op: K): Rule<K> {
  return (c, { inputs: [x], outputs: [output], attrs }) => {
    if (x === undefined || output === undefined) throw new RangeError(`${op} must have an input and an output`);
    const sum = sumOver(c, c.laid(x), normaliseAxes(attrs.axes, x.shape.length));
    const scale = elementCount(output.shape) / elementCount(x.shape);
    const value = op === 'ReduceMean' && scale !== 1 ? binary(c.b, 'Mul', sum.value, scale) : sum.value;
    if (!attrs.keepdims) return [{ value, perm: sum.perm }];
    const { perm } = c.laid(x);
    const stored = perm.map((axis) => output.shape[axis] ?? 1);
    return [{ value: reshape(c.b, value, stored), perm }];
  };
}

/**
 * Σ over logical axes, which are then gone. The outermost run of stored axes is summed first and the rest after: ORT
 * adds whole rows fast, and partial sums keep the rounding error of long sums small.
 */
function sumOver(c: PortableContext, { value, perm }: Laid, axes: readonly number[]): Laid {
  const stored = perm.map((_, i) => i).filter((i) => axes.includes(perm[i] ?? -1));
  const start = stored[0] ?? 0;
  const run = stored.filter((axis, i) => axis === start + i);
  const first = run.length === perm.length ? run.slice(0, -1) : run;
  const partial = reduce(c.b, 'ReduceSum', value, first);
  const rest = stored.slice(first.length).map((axis) => axis - first.length);
  return { value: reduce(c.b, 'ReduceSum', partial, rest), perm: withoutAxes(perm, axes) };
}

/** The layout of what remains, its logical axes counted anew. */
function withoutAxes(perm: Perm, axes: readonly number[]): Perm {
  const kept = perm.filter((axis) => !axes.includes(axis));
  const order = kept.toSorted((a, b) => a - b);
  return kept.map((axis) => order.indexOf(axis));
}
