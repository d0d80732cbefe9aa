/**
 * @file ORT's internal ops on images whose channels lie in blocks: declared [N, C, H, W], stored [N, C/16, H, W, 16].
 * On x86 a block is 16 with AVX-512 and 8 without; a wrong block size gives wrong numbers without an error. "16" stands
 * for either in comments on shapes.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import { sizeAt } from '../../../graph/tensor-type.ts';
import { filled, reshape } from '../emit.ts';
import type { Tail } from '../pending.ts';

const domain = 'com.microsoft.nchwc';

export interface NchwcConv {
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly pads?: readonly [number, number, number, number];
  readonly group?: number;
}

/**
 * A convolution of x declared [N, C, H, W] with weights declared [K, C / group, R, S], result [N, K, P, Q]. With as
 * many groups as channels each channel has a filter of its own; with fewer channels per group than a block has x is plain.
 */
export function conv(
  b: PhysicalBuilder,
  x: PhysicalValue,
  w: PhysicalValue,
  { kernel, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], group = 1 }: NchwcConv,
  { bias, sum, relu = false }: Tail = {},
): PhysicalValue {
  const [N, , H, W] = x.shape as readonly [number, number, number, number];
  const K = sizeAt(w.shape, 0);
  const length = (size: number, axis: 0 | 1): number => {
    const padded = size + pads[axis] + (pads[axis + 2] ?? 0);
    return Math.floor((padded - (kernel[axis] - 1) * dilations[axis] - 1) / strides[axis]) + 1;
  };
  const shape = [N, K, length(H, 0), length(W, 1)];
  const inputs = [x, w];
  // The bias comes before the sum, and cannot be left out in front of it.
  if (bias !== undefined || sum !== undefined) inputs.push(bias ?? filled(b, 0, [K]));
  if (sum !== undefined) inputs.push(reshape(b, sum, shape));
  const attrs = { kernel_shape: kernel, strides, dilations, pads, group, ...(relu && { activation: 'Relu' }) };
  return b.emit('Conv', inputs, attrs, shape, { domain });
}

/** scale · x + bias per channel, then what the tail adds: a convolution of each channel with one number. */
export function affine(
  b: PhysicalBuilder,
  x: PhysicalValue,
  scale: PhysicalValue,
  tail: Tail = {},
  pads: NonNullable<NchwcConv['pads']> = [0, 0, 0, 0],
): PhysicalValue {
  const C = sizeAt(x.shape, 1);
  return conv(b, x, reshape(b, scale, [C, 1, 1, 1]), { kernel: [1, 1], group: C, pads }, tail);
}

/** Plain → blocked: x declared [N, C, H, W], or [N, H, W, C] if channels lie last; C a multiple of the block. */
export function reorderInput(b: PhysicalBuilder, x: PhysicalValue, channelsLast: boolean): PhysicalValue {
  const [N, ...rest] = x.shape as readonly [number, number, number, number];
  const shape = channelsLast ? [N, rest[2], rest[0], rest[1]] : x.shape;
  return b.emit('ReorderInput', [x], channelsLast ? { channels_last: 1 } : {}, shape, { domain });
}

/** The mean over space, [N, C]. */
export function spatialMean(b: PhysicalBuilder, x: PhysicalValue): PhysicalValue {
  const [N, C] = x.shape as readonly [number, number];
  return reshape(b, b.emit('GlobalAveragePool', [x], {}, [N, C, 1, 1], { domain }), [N, C]);
}

/** Σ over space of x · y, [N, C], without an intermediate: each channel of x convolved with that of y. */
export function spatialDot(b: PhysicalBuilder, x: PhysicalValue, y: PhysicalValue): PhysicalValue {
  const [N, C, H, W] = x.shape as readonly [number, number, number, number];
  const channels = N * C;
  const product = conv(b, reshape(b, x, [1, channels, H, W]), reshape(b, y, [channels, 1, H, W]), {
    kernel: [H, W],
    group: channels,
  });
  return reshape(b, product, [N, C]);
}

/** A stored value [N, C/16, H, W, 16] as these ops declare it. */
export function declared(b: PhysicalBuilder, x: PhysicalValue): PhysicalValue {
  const [N, blocks, H, W] = x.shape as readonly [number, number, number, number];
  return reshape(b, x, [N, blocks * b.block, H, W]);
}

/** The inverse of {@link declared}. */
export function stored(b: PhysicalBuilder, x: PhysicalValue): PhysicalValue {
  const [N, C, H, W] = x.shape as readonly [number, number, number, number];
  return reshape(b, x, [N, C / b.block, H, W, b.block]);
}
