/** @file Chooses how each convolution is computed, from its shape alone: the same for it and both its gradients. */

import type { Value } from '../../graph/graph.ts';
import { type ConvSizes, portableSizes } from './convolution-sizes.ts';
import type { PortableContext, PortableOptions, Rule } from './context.ts';
import { directConv, directInputGrad, directWeightGrad } from './direct.ts';
import { IMAGE, WEIGHT } from './layout.ts';
import { type WinogradPlan, winogradConv, winogradInputGrad, winogradPlan, winogradWeightGrad } from './winograd.ts';

/** Below this many channels in or out a transform costs more than it saves. */
const WINOGRAD_CHANNELS = 8;

export const convRule: Rule<'Conv'> = (c, { inputs, attrs }) => {
  const [x, w] = pair(inputs);
  const sizes = portableSizes(x.shape, w.shape, attrs);
  const plan = winogradFor(c.options, sizes);
  const [images, weights] = [c.read(x, IMAGE), c.read(w, WEIGHT)];
  const value = plan === undefined ? directConv(c.b, sizes, images, weights) : winogradConv(c, plan, images, weights);
  return [{ value, perm: IMAGE }];
};

export const convInputGradRule: Rule<'ConvInputGrad'> = (c, { inputs, attrs }) => {
  const [g, w] = pair(inputs);
  const [N, C] = [g.shape[0] ?? 0, w.shape[1] ?? 0];
  const sizes = portableSizes([N, C, ...attrs.image], w.shape, attrs);
  const plan = winogradFor(c.options, sizes);
  const [gradients, weights] = [c.read(g, IMAGE), c.read(w, WEIGHT)];
  const value =
    plan === undefined
      ? directInputGrad(c.b, sizes, gradients, weights)
      : winogradInputGrad(c, plan, gradients, weights);
  return [{ value, perm: IMAGE }];
};

export const convWeightGradRule: Rule<'ConvWeightGrad'> = (c, { inputs, attrs }) => {
  const [x, g] = pair(inputs);
  const [K, C] = [g.shape[1] ?? 0, x.shape[1] ?? 0];
  const sizes = portableSizes(x.shape, [K, C, ...attrs.kernel], attrs);
  const plan = winogradFor(c.options, sizes);
  const [images, gradients] = [c.read(x, IMAGE), c.read(g, IMAGE)];
  const value =
    plan === undefined
      ? directWeightGrad(c.b, sizes, images, gradients)
      : winogradWeightGrad(c, plan, images, gradients);
  return [{ value, perm: WEIGHT }];
};

/** The Winograd form of a convolution; undefined where it is computed directly. */
function winogradFor({ convolution }: PortableOptions, sizes: ConvSizes): WinogradPlan | undefined {
  const { C, K, R, S, strides } = sizes;
  const fits = R === 3 && S === 3 && strides[0] === 1 && strides[1] === 1;
  if (convolution === 'direct' || !fits || Math.min(C, K) < WINOGRAD_CHANNELS) return undefined;
  return winogradPlan(convolution, sizes);
}

function pair(inputs: readonly Value[]): readonly [Value, Value] {
  const [first, second] = inputs;
  if (first === undefined || second === undefined) throw new RangeError('A convolution must have two operands');
  return [first, second];
}
