/** @file Sums and activations that become part of the convolution before them, where they can. */

import type { Value } from '../../../graph/graph.ts';
import type { PhysicalValue } from '../../../graph/physical.ts';
import { identity } from '../../../graph/stored-layout.ts';
import { elementCount, sameShape, sizeAt } from '../../../graph/tensor-type.ts';
import type { FastContext, Rule } from '../context.ts';
import { elementwise, reluGradRule } from '../elementwise.ts';
import { binary, heaviside, reduce, reshape } from '../emit.ts';
import { BLOCKED } from '../layout.ts';
import type { Pending } from '../pending.ts';
import { reduceRule } from '../reduce.ts';
import { declared, spatialMean, stored } from './nchwc.ts';

const loneAdd = elementwise<'Add'>();
const loneRelu = elementwise<'Relu'>();
const loneSum = reduceRule('ReduceSum');

export const blockedAddRule: Rule<'Add'> = (c, node) => {
  const [x, y] = node.inputs as readonly [Value, Value];
  const [output] = node.outputs;
  if (output === undefined) return loneAdd(c, node);
  // What is cheap to make again should be what the sum becomes part of.
  const [first, second] = c.pending(y)?.isCheap === true ? [y, x] : [x, y];
  const fused = withTerm(c, first, second, output) ?? withTerm(c, second, first, output);
  return fused === undefined ? loneAdd(c, node) : [fused];
};

export const blockedReluRule: Rule<'Relu'> = (c, node) => {
  const pending = c.pending(node.inputs[0] as Value);
  return pending?.takes('relu') && pending.space === 'images' ? [pending.with({ relu: true })] : loneRelu(c, node);
};

export const blockedReluGradRule: Rule<'ReluGrad'> = (c, node) => {
  const [g, y] = node.inputs as readonly [Value, Value];
  if (c.layoutOf(y) !== BLOCKED) return reluGradRule(c, node);
  const active = declared(c.b, c.readAgain(y, BLOCKED));
  const mask = c.b.shared(active, 'positive', () => heaviside(c.b, active, 0));
  const product = binary(c.b, 'Mul', declared(c.b, c.read(g, BLOCKED)), mask);
  return [{ value: stored(c.b, product), perm: BLOCKED }];
};

/** Σ over batch and space, such as the gradient of a bias. */
export const blockedReduceSumRule: Rule<'ReduceSum'> = (c, node) => {
  const [x] = node.inputs as readonly [Value];
  const isPerChannel = x.shape.length === 4 && node.attrs.axes.join() === '0,2,3' && !node.attrs.keepdims;
  if (!isPerChannel || c.layoutOf(x) !== BLOCKED || c.factored(x) !== undefined) return loneSum(c, node);
  const means = spatialMean(c.b, declared(c.b, c.read(x, BLOCKED)));
  const pixels = sizeAt(x.shape, 2) * sizeAt(x.shape, 3);
  return [{ value: binary(c.b, 'Mul', reduce(c.b, 'ReduceSum', means, [0]), pixels), perm: identity(1) }];
};

/** The pending op that makes `value`, with `term` added; undefined where it cannot take it. */
function withTerm(c: FastContext, value: Value, term: Value, output: Value): Pending | undefined {
  const pending = c.pending(value);
  if (pending === undefined || !sameShape(value.shape, output.shape)) return undefined;
  if (sameShape(term.shape, output.shape)) {
    const sum = pending.takes('sum') ? termOf(c, pending.space, term) : undefined;
    const depth = c.pending(term)?.remadeDepth ?? 0;
    return (
      sum &&
      pending.with({ sum }, depth > 0 ? { depth, read: () => declared(c.b, c.readAgain(term, BLOCKED)) } : undefined)
    );
  }
  const bias = pending.takes('bias') ? channelVector(c, term, output) : undefined;
  return bias && pending.with({ bias });
}

/** A term in the form of a raw result: images can be had of any value, other forms only of ops that make them. */
function termOf(c: FastContext, space: string, term: Value): PhysicalValue | undefined {
  if (space === 'images') return c.read(term, BLOCKED);
  const pending = c.pending(term);
  return pending?.space === space ? pending.raw() : undefined;
}

/** A value that broadcasts along the channels of images, as [C]. */
function channelVector(c: FastContext, term: Value, output: Value): PhysicalValue | undefined {
  const C = sizeAt(output.shape, 1);
  const isVector = elementCount(term.shape) === C && term.shape.at(-3) === C;
  return isVector ? reshape(c.b, c.laid(term).value, [C]) : undefined;
}
