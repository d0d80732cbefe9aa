/** @file Which convolutions are computed on blocks of channels. */

import type { ConvAttributes } from '../../../graph/op-attributes.ts';
import type { BlockSize, Perm } from '../../../graph/stored-layout.ts';
import type { Shape } from '../../../graph/tensor-type.ts';
import { sharedAttributes } from '../../../ops/convolution.ts';
import type { FastOptions } from '../context.ts';
import { BLOCKED_WEIGHT, NARROW_WEIGHT, WEIGHT } from '../layout.ts';

/** From this many channels in and out, products in fewer multiplications outweigh the transforms they take. */
const WIDE = 64;

export interface BlockedOptions extends FastOptions {
  /** How many channels lie in a block, as the processor wants it: any other number gives wrong results. */
  readonly block: BlockSize;
}

/**
 * Whether a convolution is computed on blocks: of one group and with taps side by side, or depthwise.
 * @param layout - of the weight, as {@link weightLayout} has it
 */
export function isInBlocks(weight: Shape, layout: Perm, attrs: ConvAttributes): boolean {
  const { dilations, group } = sharedAttributes(attrs);
  if (layout === WEIGHT) return false;
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
export function weightLayout(shape: Shape, { convolution, block }: BlockedOptions): Perm {
  const [K, C, R, S] = shape as readonly [number, number, number, number];
  const isWinograd = convolution !== 'direct' && R === 3 && S === 3 && Math.min(K, C) >= WIDE;
  if (isWinograd || K % block !== 0) return WEIGHT;
  if (C % block === 0) return BLOCKED_WEIGHT;
  return C < block ? NARROW_WEIGHT : WEIGHT;
}
