/** @file The sizes of a convolution as the portable forms need them. */

import type { ConvAttributes } from '../../graph/op-attributes.ts';
import type { Shape } from '../../graph/tensor-type.ts';
import { convSizes, type ConvSizes as LogicalSizes } from '../../ops/convolution.ts';

/** Sizes as `ops` names them, with strides and padding [top, left, bottom, right]. */
export interface ConvSizes extends LogicalSizes, ConvAttributes {}

/** @param x - the logical shape [N, C, H, W]. @param w - the logical shape [K, C, R, S]. */
export function portableSizes(x: Shape, w: Shape, attrs: ConvAttributes): ConvSizes {
  return { ...convSizes(x, w, attrs), strides: attrs.strides, pads: attrs.pads };
}
