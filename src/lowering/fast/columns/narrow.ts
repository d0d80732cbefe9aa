/**
 * @file Convolution of images with few channels, such as a network's first: stored as [H, C, W, N], so that the pixels
 * under a tap are long runs of memory, which side by side are the columns [P, R · S · C, Q · N] of one matrix per row.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import { sizeAt } from '../../../graph/tensor-type.ts';
import type { ConvGeometry } from '../convolution-geometry.ts';
import { concat, fusedMatMul, matMul, padAxes, reduce, reshape, slice } from '../emit.ts';
import type { Perm } from '../../../graph/stored-layout.ts';

/** The layout in which images of few channels are convolved. */
export const NARROW: Perm = [2, 1, 3, 0];

/** Conv: images [H, C, W, N] and weights [R, S, C, K] → [P, Q, N, K]. */
export function narrowConv(b: PhysicalBuilder, sizes: ConvGeometry, x: PhysicalValue, w: PhysicalValue): PhysicalValue {
  const { N, C, K, R, S, P, Q } = sizes;
  const weights = reshape(b, w, [R * S * C, K]);
  return reshape(b, fusedMatMul(b, narrowColumns(b, sizes, x), weights, { transA: true }), [P, Q, N, K]);
}

/** ConvWeightGrad: images [H, C, W, N] and gradients [P, Q, N, K] → [R, S, C, K]. */
export function narrowWeightGrad(
  b: PhysicalBuilder,
  sizes: ConvGeometry,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const { N, C, K, R, S, P, Q } = sizes;
  const products = matMul(b, narrowColumns(b, sizes, x), reshape(b, g, [P, Q * N, K]));
  return reshape(b, reduce(b, 'ReduceSum', products, [0]), [R, S, C, K]);
}

function narrowColumns(b: PhysicalBuilder, sizes: ConvGeometry, x: PhysicalValue): PhysicalValue {
  const { N, C, H, W, R, S, P, Q, strides, pads, dilations } = sizes;
  return b.shared(x, `columns ${[R, S, ...strides, ...pads, ...dilations].join()}`, () => {
    const rows = P + Math.floor(((R - 1) * dilations[0]) / strides[0]);
    const columns = Q + Math.floor(((S - 1) * dilations[1]) / strides[1]);
    const after = [rows * strides[0] - H - pads[0], columns * strides[1] - W - pads[1]];
    const padded = padAxes(b, x, [pads[0], 0, pads[1], 0], [sizeAt(after, 0), 0, sizeAt(after, 1), 0]);
    const phases = reshape(b, padded, [rows, strides[0], C, columns, strides[1], N]);
    const taps = Array.from({ length: R * S }, (_, tap) => {
      const [r, s] = [Math.floor(tap / S) * dilations[0], (tap % S) * dilations[1]];
      const [row, column] = [Math.floor(r / strides[0]), Math.floor(s / strides[1])];
      const pixels = slice(b, phases, [
        { axis: 0, start: row, end: row + P },
        { axis: 1, start: r % strides[0], end: (r % strides[0]) + 1 },
        { axis: 3, start: column, end: column + Q },
        { axis: 4, start: s % strides[1], end: (s % strides[1]) + 1 },
      ]);
      return reshape(b, pixels, [P, C, Q * N]);
    });
    return concat(b, taps, 1);
  });
}
