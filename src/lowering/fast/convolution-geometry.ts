/** @file The sizes of a convolution as its fast forms need them. */

import type { ConvAttributes } from '../../graph/op-attributes.ts';
import type { Shape } from '../../graph/tensor-type.ts';
import { convSizes, type ConvSizes, reach } from '../../ops/convolution.ts';

/** Sizes as `ops` names them, with strides and padding [top, left, bottom, right]. */
export interface ConvGeometry extends ConvSizes, Pick<ConvAttributes, 'strides' | 'pads'> {}

/** @param x - the logical shape [N, C, H, W]. @param w - the logical shape [K, C/G, R, S]. */
export function convGeometry(x: Shape, w: Shape, attrs: ConvAttributes): ConvGeometry {
  return { ...convSizes(x, w, attrs), strides: attrs.strides, pads: attrs.pads };
}

/**
 * What the gradient of a depthwise convolution, spread by the stride with zeros behind each number, needs around it so that
 * the taps in reverse give the gradient of the images: pads, and negative amounts to cut. [top, left, bottom, right]
 */
export function gradientMargins({ H, W, R, S, P, Q, strides, pads, dilations }: ConvGeometry): {
  readonly pads: ConvAttributes['pads'];
  readonly cut: ConvAttributes['pads'];
} {
  const [top, left, bottom, right] = [
    reach(R, dilations[0]) - 1 - pads[0],
    reach(S, dilations[1]) - 1 - pads[1],
    H + pads[0] - P * strides[0],
    W + pads[1] - Q * strides[1],
  ] as const;
  const each = (limit: (amount: number) => number): ConvAttributes['pads'] => [
    limit(top),
    limit(left),
    limit(bottom),
    limit(right),
  ];
  return { pads: each((amount) => Math.max(amount, 0)), cut: each((amount) => Math.min(amount, 0)) };
}
