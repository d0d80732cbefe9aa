/** @file Which convolutions are computed on blocks of channels. */

import type { ConvAttributes } from '../../../graph/op-attributes.ts';
import { BLOCK, type Perm } from '../../../graph/stored-layout.ts';
import type { Shape } from '../../../graph/tensor-type.ts';
import { sharedAttributes } from '../../../ops/convolution.ts';
import type { FastOptions } from '../context.ts';
import { BLOCKED_WEIGHT, NARROW_WEIGHT, WEIGHT } from '../layout.ts';

/** From this many channels in and out, products in fewer multiplications outweigh the transforms they take. */
const WIDE = 64;

/** Whether a convolution is computed on blocks: of one group and with taps side by side, or depthwise. */
export function isInBlocks(weight: Shape, attrs: ConvAttributes, options: FastOptions): boolean {
  const { dilations, group } = sharedAttributes(attrs);
  if (weightLayout(weight, options) === WEIGHT) return false;
  return group === undefined ? dilations === undefined : isDepthwiseWeight(weight, attrs);
}

/** Whether a weight has one filter for each channel of the images. */
function isDepthwiseWeight(weight: Shape, { group = 1 }: ConvAttributes): boolean {
  return group > 1 && group === weight[0] && weight[1] === 1;
}

/**
 * How a weight [K, C, R, S] is stored, and with it how its convolution is computed. Its shape decides, so that all
 * graphs of a device that share a parameter agree.
 */
export function weightLayout(shape: Shape, { convolution }: FastOptions): Perm {
  const [K, C, R, S] = shape as readonly [number, number, number, number];
  const isWinograd = convolution !== 'direct' && R === 3 && S === 3 && Math.min(K, C) >= WIDE;
  if (isWinograd || K % BLOCK !== 0) return WEIGHT;
  if (C % BLOCK === 0) return BLOCKED_WEIGHT;
  return C < BLOCK ? NARROW_WEIGHT : WEIGHT;
}
