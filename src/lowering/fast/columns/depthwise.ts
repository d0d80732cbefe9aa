/**
 * @file Depthwise convolution, one filter per channel, of images with channels outermost, [C, H, W, N]: to ORT they are one
 * image whose rows are W · N long and whose taps lie N apart, so that what a tap meets is one run of memory per row.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import type { Perm } from '../../../graph/stored-layout.ts';
import { reach } from '../../../ops/convolution.ts';
import { type ConvGeometry, gradientMargins } from '../convolution-geometry.ts';
import { concat, every, fusedMatMul, matMul, padAxes, reshape, slice, transpose } from '../emit.ts';

/** The layout in which images are convolved channel by channel. */
export const BY_CHANNEL: Perm = [1, 2, 3, 0];

/** Whether each channel has one filter, and each filter one channel. */
export function isDepthwise({ C, K, G }: ConvGeometry): boolean {
  return G > 1 && G === C && G === K;
}

/** Conv: images [C, H, W, N] and weights [C, 1, R, S] → [C, P, Q, N]. */
export function depthwiseConv(
  b: PhysicalBuilder,
  { N, C, H, W, R, S, P, Q, strides, pads, dilations }: ConvGeometry,
  x: PhysicalValue,
  w: PhysicalValue,
): PhysicalValue {
  // Pixels of a row cannot be skipped, as each is N long: all columns are computed, and every so many kept.
  const columns = W + pads[1] + pads[3] - reach(S, dilations[1]) + 1;
  const attrs = {
    kernel_shape: [R, S],
    strides: [strides[0], 1],
    pads: [pads[0], pads[1] * N, pads[2], pads[3] * N],
    dilations: [dilations[0], dilations[1] * N],
    group: C,
  };
  const plane = b.emit('Conv', [reshape(b, x, [1, C, H, W * N]), w], attrs, [1, C, P, columns * N]);
  return every(b, reshape(b, plane, [C, P, columns, N]), 2, 0, strides[1], Q);
}

/** ConvInputGrad: gradients [C, P, Q, N] and weights → [C, H, W, N]; taps in reverse, over gradients spread by the stride. */
export function depthwiseInputGrad(
  b: PhysicalBuilder,
  sizes: ConvGeometry,
  g: PhysicalValue,
  w: PhysicalValue,
): PhysicalValue {
  const { N, C, H, W, R, S, P, Q, strides, dilations } = sizes;
  const [A, B] = strides;
  const { cut, pads } = gradientMargins(sizes);
  const spread = padAxes(b, reshape(b, g, [C, P, 1, Q, 1, N]), [0, 0, 0, 0, 0], [0, 0, A - 1, 0, B - 1]);
  const met = padAxes(b, reshape(b, spread, [C, P * A, Q * B, N]), [0, cut[0], cut[1]], [0, cut[2], cut[3]]);
  const [, rows, columns] = met.shape as readonly [number, number, number];
  const attrs = {
    kernel_shape: [R, S],
    pads: [pads[0], pads[1] * N, pads[2], pads[3] * N],
    dilations: [dilations[0], dilations[1] * N],
    group: C,
  };
  const plane = b.emit('Conv', [reshape(b, met, [1, C, rows, columns * N]), turned(b, w)], attrs, [1, C, H, W * N]);
  return reshape(b, plane, [C, H, W, N]);
}

/** Weights [C, 1, R, S] with their taps in reverse. */
function turned(b: PhysicalBuilder, w: PhysicalValue): PhysicalValue {
  const [C, , R, S] = w.shape as readonly [number, number, number, number];
  const order = Array.from({ length: R * S }, (_, tap) => R * S - 1 - tap);
  const taps = reshape(b, w, [C, R * S]);
  return b.shared(w, 'turned', () =>
    reshape(b, b.emit('Gather', [taps, b.ints(order)], { axis: 1 }, taps.shape), w.shape),
  );
}

/** Up to so many rows of results per tap of a column, products of all rows cost less than those of the taps alone. */
const FEW_ROWS = 16;

/** ConvWeightGrad: images and gradients [C, P, Q, N] → [C, 1, R, S]. */
export function depthwiseWeightGrad(
  b: PhysicalBuilder,
  sizes: ConvGeometry,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const isTall = sizes.P > FEW_ROWS * sizes.R && sizes.strides[1] === 1;
  return isTall ? gradientAsFilter(b, sizes, x, g) : rowProducts(b, sizes, x, g);
}

/**
 * Per channel and column of taps, the products of every row of x with every row of g, which sum over columns and images; of
 * these H · P numbers each tap adds up those that it lets meet.
 */
function rowProducts(
  b: PhysicalBuilder,
  { N, C, H, W, R, S, P, Q, strides, pads, dilations }: ConvGeometry,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const covered = (Q - 1) * strides[1] + reach(S, dilations[1]);
  const padded = padAxes(b, x, [0, 0, pads[1]], [0, 0, covered - W - pads[1]]);
  const gradients = reshape(b, g, [C, P, Q * N]);
  const columns = Array.from({ length: S }, (_, s) => {
    const met = reshape(b, every(b, padded, 2, s * dilations[1], strides[1], Q), [C, H, Q * N]);
    return reshape(b, fusedMatMul(b, met, gradients, { transB: true }), [C, 1, H * P]);
  });
  const meets = Array.from({ length: H * P * R }, (_, i) => {
    const [row, p, r] = [Math.floor(i / (P * R)), Math.floor(i / R) % P, i % R];
    return row === p * strides[0] + r * dilations[0] - pads[0] ? 1 : 0;
  });
  const selection = b.constant(meets, [H * P, R], 'float32');
  const taps = matMul(b, reshape(b, concat(b, columns, 1), [C * S, H * P]), selection);
  return transpose(b, reshape(b, taps, [C, 1, S, R]), [0, 1, 3, 2]);
}

/** A convolution of the images whose filters are the gradients: the taps are its few results. */
function gradientAsFilter(
  b: PhysicalBuilder,
  { N, C, H, W, R, S, P, Q, strides, pads, dilations }: ConvGeometry,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const attrs = {
    kernel_shape: [P, Q * N],
    strides: [dilations[0], dilations[1] * N],
    pads: [pads[0], pads[1] * N, pads[2], pads[3] * N],
    dilations: [strides[0], 1],
    group: C,
  };
  const rows = Math.ceil((H + pads[0] + pads[2] - (P - 1) * strides[0]) / dilations[0]);
  const columns = Math.floor((W + pads[1] + pads[3] - Q) / dilations[1]) + 1;
  const [images, filters] = [reshape(b, x, [1, C, H, W * N]), reshape(b, g, [C, 1, P, Q * N])];
  const taps = reshape(b, b.emit('Conv', [images, filters], attrs, [1, C, rows, columns]), [C, 1, rows, columns]);
  return slice(b, taps, [
    { axis: 2, start: 0, end: R },
    { axis: 3, start: 0, end: S },
  ]);
}
