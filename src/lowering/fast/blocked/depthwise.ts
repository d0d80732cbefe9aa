/**
 * @file Both gradients of a depthwise convolution on blocks of channels, each as one more convolution of every channel by
 * itself; the weight [C, 1, R, S] lies as [C/16, 1, R, S, 16], or in blocks of 8.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import { sizeAt } from '../../../graph/tensor-type.ts';
import { type ConvGeometry, gradientMargins } from '../convolution-geometry.ts';
import { padAxes, reduce, reshape } from '../emit.ts';
import type { InputGradPlan } from './input-grad.ts';
import { conv, declared, stored } from './nchwc.ts';

/** ConvInputGrad: taps in reverse, over gradients spread by the stride. */
export function depthwiseInputGrad(sizes: ConvGeometry): InputGradPlan {
  const { C, R, S, P, Q, strides, dilations } = sizes;
  const [A, B] = strides;
  const { cut, pads } = gradientMargins(sizes);
  return {
    key: 'turned',
    space: 'images',
    conv: { kernel: [R, S], pads, dilations, group: C },
    weights: (b, w) => {
      const order = Array.from({ length: R * S }, (_, tap) => R * S - 1 - tap);
      const taps = reshape(b, w, [C / b.block, R * S, b.block]);
      return reshape(b, b.emit('Gather', [taps, b.ints(order)], { axis: 1 }, taps.shape), [C, 1, R, S]);
    },
    gradients: (b, g) => {
      const [N, blocks] = g.shape as readonly [number, number];
      const spread = padAxes(
        b,
        reshape(b, g, [N * blocks, P, 1, Q, 1, b.block]),
        [0, 0, 0, 0, 0],
        [0, 0, A - 1, 0, B - 1],
      );
      const [top, left, bottom, right] = cut;
      return padAxes(
        b,
        reshape(b, spread, [N, blocks, P * A, Q * B, b.block]),
        [0, 0, top, left],
        [0, 0, bottom, right],
      );
    },
    finish: stored,
  };
}

/** ConvWeightGrad of images and gradients in blocks: every channel of every image is convolved with its gradient. */
export function depthwiseWeightGrad(
  b: PhysicalBuilder,
  { N, C, H, W, R, S, P, Q, strides, pads, dilations }: ConvGeometry,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const channels = N * C;
  const images = reshape(b, declared(b, x), [1, channels, H, W]);
  const filters = reshape(b, declared(b, g), [channels, 1, P, Q]);
  const products = conv(b, images, filters, {
    kernel: [P, Q],
    strides: dilations,
    dilations: strides,
    pads,
    group: channels,
  });
  const [rows, columns] = [sizeAt(products.shape, 2), sizeAt(products.shape, 3)];
  const perImage = reshape(b, stored(b, products), [N, C / b.block, rows, columns, b.block]);
  const taps = reduce(b, 'ReduceSum', perImage, [0]);
  // More than the taps where windows leave some of the image out.
  return reshape(b, padAxes(b, taps, [0, 0, 0], [0, R - rows, S - columns]), [C / b.block, 1, R, S, b.block]);
}
