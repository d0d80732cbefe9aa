/** @file The sizes of a convolution as its fast forms need them. */

import type { ConvAttributes } from '../../graph/op-attributes.ts';
import type { Shape } from '../../graph/tensor-type.ts';
import { convSizes, type ConvSizes } from '../../ops/convolution.ts';

/** Sizes as `ops` names them, with strides and padding [top, left, bottom, right]. */
export interface ConvGeometry extends ConvSizes, Pick<ConvAttributes, 'strides' | 'pads'> {}

/** @param x - the logical shape [N, C, H, W]. @param w - the logical shape [K, C/G, R, S]. */
export function convGeometry(x: Shape, w: Shape, attrs: ConvAttributes): ConvGeometry {
  return { ...convSizes(x, w, attrs), strides: attrs.strides, pads: attrs.pads };
}
