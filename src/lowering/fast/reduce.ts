/** @file Reductions: over the stored axes, whatever their order, outermost first. */

import type { Value } from '../../graph/graph.ts';
import type { PhysicalValue } from '../../graph/physical.ts';
import { elementCount, normaliseAxes, sameShape } from '../../graph/tensor-type.ts';
import type { FastContext, Rule } from './context.ts';
import { binary, reduce, reshape } from './emit.ts';
import { type Perm, storedShape } from '../../graph/stored-layout.ts';
import { innerProduct, total } from './inner-product.ts';
import { type Laid, withoutNeedlessSplits } from './layout.ts';

export function reduceRule<K extends 'ReduceSum' | 'ReduceMean' | 'ReduceMax'>(op: K): Rule<K> {
  return (c, { inputs: [x], outputs: [output], attrs }) => {
    if (x === undefined || output === undefined) throw new RangeError(`${op} must have an input and an output`);
    const axes = normaliseAxes(attrs.axes, x.shape.length);
    const sum = op === 'ReduceMax' ? over(c, 'ReduceMax', c.laid(x), axes) : summed(c, x, axes);
    const count = elementCount(x.shape) / elementCount(output.shape);
    // Divided, and not multiplied by a rounded 1 / count: the mean of equal numbers is that number.
    const value = op === 'ReduceMean' && count !== 1 ? binary(c.b, 'Div', sum.value, count) : sum.value;
    if (!attrs.keepdims) return [{ value, perm: sum.perm }];
    const { perm } = c.laid(x);
    return [{ value: reshape(c.b, value, storedShape(output.shape, perm, c.b.block)), perm }];
  };
}

/** Σ over axes; a factor per channel that is still to be applied is applied to the sums. */
function summed(c: FastContext, x: Value, axes: readonly number[]): Laid {
  if (axes.length === x.shape.length) return { value: summedToOne(c, x), perm: [] };
  const factored = c.factored(x);
  if (factored === undefined || axes.join() !== '0,2,3') return over(c, 'ReduceSum', c.laid(x), axes);
  const { value, perm } = over(c, 'ReduceSum', factored.images, axes);
  return { value: binary(c.b, 'Mul', value, factored.scale), perm };
}

/** Σ over everything; of a product without the product being made, unless somebody else wants it. */
function summedToOne(c: FastContext, x: Value): PhysicalValue {
  const { value, perm } = c.laid(x);
  const node = c.producer(x);
  const [left, right] = node?.op === 'Mul' ? node.inputs : [];
  if (left === undefined || right === undefined || !sameShape(left.shape, right.shape))
    return total(c.b, 'ReduceSum', value);
  return innerProduct(c.b, c.read(left, perm), c.read(right, perm));
}

/**
 * Σ or max over logical axes, which are then gone: one stored axis after the other, the innermost of the outermost run
 * first. ORT adds whole rows fast, and sums of sums keep the rounding error of long ones small.
 */
function over(c: FastContext, op: 'ReduceSum' | 'ReduceMax', { value, perm }: Laid, axes: readonly number[]): Laid {
  if (axes.length === new Set(perm).size) return { value: total(c.b, op, value), perm: [] };
  const stored = perm.map((_, i) => i).filter((i) => axes.includes(perm[i] ?? -1));
  const start = stored[0] ?? 0;
  const run = stored.filter((axis, i) => axis === start + i && axis < perm.length - 1);
  const partial = run.toReversed().reduce((sum, axis) => reduce(c.b, op, sum, [axis]), value);
  const rest = stored.slice(run.length).map((axis) => axis - run.length);
  return withoutNeedlessSplits(c.b, { value: reduce(c.b, op, partial, rest), perm: withoutAxes(perm, axes) });
}

/** The layout of what remains, its logical axes counted anew. */
function withoutAxes(perm: Perm, axes: readonly number[]): Perm {
  const kept = perm.filter((axis) => !axes.includes(axis));
  const order = [...new Set(kept)].toSorted((a, b) => a - b);
  return kept.map((axis) => order.indexOf(axis));
}
