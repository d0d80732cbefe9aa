/** @file Chooses how each convolution is computed, from its shape alone: the same for it and both its gradients. */

import type { Value } from '../../graph/graph.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { identity } from '../../graph/stored-layout.ts';
import { sizeAt } from '../../graph/tensor-type.ts';
import { asReference } from './as-reference.ts';
import type { FastContext, FastOptions, Rule } from './context.ts';
import { type ConvGeometry, convGeometry } from './convolution-geometry.ts';
import {
  BY_CHANNEL,
  depthwiseConv,
  depthwiseInputGrad,
  depthwiseWeightGrad,
  isDepthwise,
} from './columns/depthwise.ts';
import { directConv, directInputGrad, directWeightGrad } from './columns/direct.ts';
import { binary } from './emit.ts';
import { IMAGE, WEIGHT } from './layout.ts';
import { NARROW, narrowConv, narrowWeightGrad } from './columns/narrow.ts';
import {
  type WinogradPlan,
  winogradConv,
  winogradInputGrad,
  winogradPlan,
  winogradWeightGrad,
} from './winograd/winograd.ts';

/** Below this many channels in or out, transforms cost more than they save, and pixels are short runs of memory. */
const FEW_CHANNELS = 8;

/** Groups of several channels are convolved in logical layout, by ORT's own kernels. */
const groupedConv = asReference<'Conv'>();
const groupedInputGrad = asReference<'ConvInputGrad'>();
const groupedWeightGrad = asReference<'ConvWeightGrad'>();

export const convRule: Rule<'Conv'> = (c, node) => {
  const [x, w] = pair(node.inputs);
  const sizes = convGeometry(x.shape, w.shape, node.attrs);
  if (isDepthwise(sizes)) {
    return [{ value: depthwiseConv(c.b, sizes, c.read(x, BY_CHANNEL), c.read(w)), perm: BY_CHANNEL }];
  }
  if (sizes.G > 1) return groupedConv(c, node);
  const weights = c.read(w, WEIGHT);
  const plan = winogradFor(c.options, sizes);
  if (plan !== undefined) return [{ value: winogradConv(c.b, plan, c.read(x, IMAGE), weights), perm: IMAGE }];
  const isNarrow = sizes.C < FEW_CHANNELS;
  const convolve = isNarrow ? narrowConv : directConv;
  return [{ value: convolve(c.b, sizes, c.read(x, isNarrow ? NARROW : IMAGE), weights), perm: IMAGE }];
};

export const convInputGradRule: Rule<'ConvInputGrad'> = (c, node) => {
  const [g, w] = pair(node.inputs);
  const { group = 1, image } = node.attrs;
  const sizes = convGeometry([sizeAt(g.shape, 0), sizeAt(w.shape, 1) * group, ...image], w.shape, node.attrs);
  if (isDepthwise(sizes)) {
    return [{ value: depthwiseInputGrad(c.b, sizes, c.read(g, BY_CHANNEL), c.read(w)), perm: BY_CHANNEL }];
  }
  if (group > 1) return groupedInputGrad(c, node);
  const { value: gradients, scale } = gradient(c, g, sizes);
  const weights = scaled(c.b, c.read(w, WEIGHT), scale);
  const plan = winogradFor(c.options, sizes);
  const value =
    plan === undefined
      ? directInputGrad(c.b, sizes, gradients, weights)
      : winogradInputGrad(c.b, plan, gradients, weights);
  return [{ value, perm: IMAGE }];
};

export const convWeightGradRule: Rule<'ConvWeightGrad'> = (c, node) => {
  const [x, g] = pair(node.inputs);
  const { group = 1, kernel } = node.attrs;
  const sizes = convGeometry(x.shape, [sizeAt(g.shape, 1), sizeAt(x.shape, 1) / group, ...kernel], node.attrs);
  if (isDepthwise(sizes)) {
    const value = depthwiseWeightGrad(c.b, sizes, c.read(x, BY_CHANNEL), c.read(g, BY_CHANNEL));
    return [{ value, perm: identity(4) }];
  }
  if (group > 1) return groupedWeightGrad(c, node);
  const { value: gradients, scale } = gradient(c, g, sizes);
  return [{ value: scaled(c.b, weightGradient(c, sizes, x, gradients), scale), perm: WEIGHT }];
};

function weightGradient(c: FastContext, sizes: ConvGeometry, x: Value, gradients: PhysicalValue): PhysicalValue {
  const plan = winogradFor(c.options, sizes);
  if (plan !== undefined) return winogradWeightGrad(c.b, plan, c.readAgain(x, IMAGE), gradients);
  const isNarrow = sizes.C < FEW_CHANNELS;
  const correlate = isNarrow ? narrowWeightGrad : directWeightGrad;
  return correlate(c.b, sizes, c.read(x, isNarrow ? NARROW : IMAGE), gradients);
}

/** The Winograd form of a convolution; undefined where it is computed directly. */
function winogradFor({ convolution }: FastOptions, sizes: ConvGeometry): WinogradPlan | undefined {
  const { C, K, R, S, strides, dilations } = sizes;
  const fits = R === 3 && S === 3 && [...strides, ...dilations].every((step) => step === 1);
  if (convolution === 'direct' || !fits || Math.min(C, K) < FEW_CHANNELS) return undefined;
  return winogradPlan(convolution, sizes);
}

/**
 * The gradient of a result [N, K, P, Q]. A scale per channel that a batch norm left on it is handed on where it is
 * cheaper on the weights: two passes over the images against about 40 over the weights.
 */
function gradient(
  c: FastContext,
  g: Value,
  { N, C, P, Q }: ConvGeometry,
): { readonly value: PhysicalValue; readonly scale: PhysicalValue | undefined } {
  const factored = c.factored(g);
  const pays = P * Q * N > 40 * C;
  return factored?.images.perm !== IMAGE || !pays
    ? { value: c.read(g, IMAGE), scale: undefined }
    : { value: factored.images.value, scale: factored.scale };
}

/** Weights [R, S, C, K] times a factor per result channel. */
function scaled(b: PhysicalBuilder, weights: PhysicalValue, scale: PhysicalValue | undefined): PhysicalValue {
  return scale === undefined
    ? weights
    : b.shared(weights, `times ${scale.name}`, () => binary(b, 'Mul', weights, scale));
}

export function pair(inputs: readonly Value[]): readonly [Value, Value] {
  const [first, second] = inputs;
  if (first === undefined || second === undefined) throw new RangeError('A convolution must have two operands');
  return [first, second];
}
