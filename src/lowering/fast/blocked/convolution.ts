/** @file Direct convolutions on blocks of channels, depthwise ones too, and both their gradients, each as one convolution of ORT's. */

import type { Value } from '../../../graph/graph.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import { sizeAt } from '../../../graph/tensor-type.ts';
import { sharedAttributes } from '../../../ops/convolution.ts';
import { convInputGradRule, convRule, convWeightGradRule, pair } from '../convolution.ts';
import { convGeometry } from '../convolution-geometry.ts';
import type { FastContext, Rule } from '../context.ts';
import { binary, reshape } from '../emit.ts';
import { BLOCKED, BLOCKED_WEIGHT, NARROW_WEIGHT } from '../layout.ts';
import { Pending } from '../pending.ts';
import { isInBlocks } from './choice.ts';
import { depthwiseInputGrad, depthwiseWeightGrad } from './depthwise.ts';
import { inputGradPlan } from './input-grad.ts';
import { conv, declared, stored } from './nchwc.ts';
import { blockedWeightGrad } from './weight-grad.ts';

export const blockedConvRule: Rule<'Conv'> = (c, node) => {
  const [x, w] = pair(node.inputs);
  const layout = c.layoutOf(w);
  if (!isInBlocks(w.shape, layout, node.attrs)) return convRule(c, node);
  const [, , R, S] = w.shape as readonly [number, number, number, number];
  const shared = sharedAttributes(node.attrs);
  const weights = reshape(c.b, c.read(w, layout), w.shape);
  const isPlain = layout === NARROW_WEIGHT && shared.group === undefined;
  const images = isPlain ? c.read(x) : declared(c.b, c.read(x, BLOCKED));
  return [
    new Pending({
      takesBias: true,
      isCheap: false,
      space: 'images',
      emit: (tail) => conv(c.b, images, weights, { kernel: [R, S], ...shared }, tail),
      finish: (raw) => ({ value: stored(c.b, raw), perm: BLOCKED }),
    }),
  ];
};

export const blockedConvInputGradRule: Rule<'ConvInputGrad'> = (c, node) => {
  const [g, w] = pair(node.inputs);
  const layout = c.layoutOf(w);
  if (!isInBlocks(w.shape, layout, node.attrs)) return convInputGradRule(c, node);
  const { image, group = 1 } = node.attrs;
  const sizes = convGeometry([sizeAt(g.shape, 0), sizeAt(w.shape, 1) * group, ...image], w.shape, node.attrs);
  const plan =
    group > 1 ? depthwiseInputGrad(sizes) : layout === BLOCKED_WEIGHT ? inputGradPlan(sizes, c.b.block) : undefined;
  if (plan === undefined) return convInputGradRule(c, node);
  const { images, scale } = gradient(c, g);
  const weights = scaled(c.b, c.read(w, layout), scale);
  const taps = c.b.shared(weights, plan.key, () => plan.weights(c.b, weights));
  return [
    new Pending({
      takesBias: false,
      isCheap: false,
      space: plan.space,
      emit: (tail) => conv(c.b, declared(c.b, plan.gradients?.(c.b, images) ?? images), taps, plan.conv, tail),
      finish: (raw) => ({ value: plan.finish(c.b, raw), perm: BLOCKED }),
    }),
  ];
};

export const blockedConvWeightGradRule: Rule<'ConvWeightGrad'> = (c, node) => {
  const [x, g] = pair(node.inputs);
  const [output] = node.outputs;
  if (output === undefined) throw new RangeError('ConvWeightGrad must have an output');
  const layout = c.layoutOf(output);
  if (!isInBlocks(output.shape, layout, node.attrs)) return convWeightGradRule(c, node);
  const sizes = convGeometry(x.shape, output.shape, node.attrs);
  const { images, scale } = gradient(c, g);
  const pixels = layout === BLOCKED_WEIGHT || sizes.G > 1 ? c.readAgain(x, BLOCKED) : c.read(x);
  const weightGrad = sizes.G > 1 ? depthwiseWeightGrad : blockedWeightGrad;
  return [{ value: scaled(c.b, weightGrad(c.b, sizes, pixels, images), scale), perm: layout }];
};

/** The gradient of a result, in blocks; a scale per channel that a batch norm left on it is applied to the weights. */
function gradient(
  c: FastContext,
  g: Value,
): { readonly images: PhysicalValue; readonly scale: PhysicalValue | undefined } {
  const factored = c.factored(g);
  return factored?.images.perm === BLOCKED
    ? { images: factored.images.value, scale: factored.scale }
    : { images: c.read(g, BLOCKED), scale: undefined };
}

/** Weights, split in blocks of result channels, times a factor per result channel. */
function scaled(b: PhysicalBuilder, weights: PhysicalValue, scale: PhysicalValue | undefined): PhysicalValue {
  if (scale === undefined) return weights;
  const { shape } = weights;
  const factors = shape.map((size, i) => (i === 0 || i === shape.length - 1 ? size : 1));
  return b.shared(weights, `times ${scale.name}`, () => binary(b, 'Mul', weights, reshape(b, scale, factors)));
}
