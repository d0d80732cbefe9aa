/** @file Pooling as ONNX's MaxPool and AveragePool state it: windows of any size, stride, padding and dilation. */

import { reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { PoolWindows } from '../graph/op-attributes.ts';
import { fourSizes, type Shape } from '../graph/tensor-type.ts';
import { pooledShape } from '../ops/pooling.ts';

export interface AverageSettings {
  /** Whether a mean is over the padding too, whose pixels are zero; otherwise over pixels of the image alone. */
  readonly countIncludePad: boolean;
  /** As of {@link ceilWindows}; what it pads is never counted. Default false. */
  readonly ceilMode?: boolean;
}

/**
 * The same windows with `ceil_mode`: padded after the image by what lets the last window that begins in the image, or in
 * the padding before it, end.
 */
export function ceilWindows(x: Shape, windows: PoolWindows): PoolWindows {
  const [, , H, W] = fourSizes(x);
  const { pads } = windows;
  return { ...windows, pads: [pads[0], pads[1], padAfter(windows, H, 0), padAfter(windows, W, 1)] };
}

function padAfter({ kernel, strides, pads, dilations = [1, 1] }: PoolWindows, size: number, axis: 0 | 1): number {
  const [stride, before, after] = [strides[axis], pads[axis], pads[axis === 0 ? 2 : 3]];
  const reach = (kernel[axis] - 1) * dilations[axis] + 1;
  const last = Math.ceil((size + before + after - reach) / stride);
  const start = last * stride >= size + before ? last - 1 : last;
  return Math.max(after, start * stride + reach - before - size);
}

/**
 * The mean of each window of x [N, C, H, W]: y = R x Cᵀ, where row p of R [P, H] holds 1 / count at the rows of window p, and
 * C [Q, W] likewise, since the count of a window is that of its rows times that of its columns.
 * @throws {ShapeError} where windows, strides or pads do not fit the image.
 */
export function averagePool(g: GraphBuilder, x: Value, windows: PoolWindows, settings: AverageSettings): Value {
  const [N, C, H, W] = fourSizes(x.shape);
  const covered = settings.ceilMode === true ? ceilWindows(x.shape, windows) : windows;
  const [, , P, Q] = fourSizes(pooledShape(x.shape, covered));
  const rows = Array.from({ length: P }, (_, p) => shares(windows, settings, H, 0, p));
  const columns = Array.from({ length: Q }, (_, q) => shares(windows, settings, W, 1, q));
  // Space outermost, as fast lowerings store images: the first product then moves nothing.
  const spaceFirst = g.emit('Transpose', [x], { perm: [2, 3, 0, 1] });
  const byRows = g.emit('MatMul', [g.constant(rows.flat(), [P, H]), reshape(g, spaceFirst, [H, W * N * C])]);
  const perRow = g.emit('Expand', [g.constant(columns.flat(), [1, Q, W])], { shape: [P, Q, W] });
  const both = g.emit('MatMul', [perRow, reshape(g, byRows, [P, W, N * C])]);
  return g.emit('Transpose', [reshape(g, both, [P, Q, N, C])], { perm: [2, 3, 0, 1] });
}

/** The share of each of `size` pixels along an axis in the mean of one window. */
function shares(
  { kernel, strides, pads, dilations = [1, 1] }: PoolWindows,
  { countIncludePad }: AverageSettings,
  size: number,
  axis: 0 | 1,
  window: number,
): readonly number[] {
  const start = window * strides[axis] - pads[axis];
  const end = size + pads[axis === 0 ? 2 : 3];
  const met = Array.from({ length: kernel[axis] }, (_, place) => start + place * dilations[axis]);
  const counted = met.filter((place) => (countIncludePad ? place < end : place >= 0 && place < size));
  return Array.from({ length: size }, (_, pixel) => (met.includes(pixel) ? 1 / counted.length : 0));
}
