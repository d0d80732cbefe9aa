/** @file What the three max-pool ops share: output sizes, and where each window has its first maximum. */

import { need, ShapeError } from '../errors.ts';
import type { PoolAttributes, PoolTiles, PoolWindows } from '../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import { fourSizes, type Shape, sizeAt, type TensorType } from '../graph/tensor-type.ts';
import { reach } from './convolution.ts';

/** Whether windows lie side by side, as most networks pool: they have forms of their own. */
export function areTiles(attrs: PoolAttributes): attrs is PoolTiles {
  return typeof attrs.kernel === 'number';
}

/** [N, C, P, Q]. @throws {ShapeError} unless x is [N, C, H, W], and every window has at least one of its pixels. */
export function pooledShape(x: Shape, attrs: PoolAttributes): Shape {
  if (x.length !== 4) throw new ShapeError(`Pooling takes images [N,C,H,W], got [${x.join(',')}]`);
  const [N, C, H, W] = fourSizes(x);
  if (!areTiles(attrs)) return [N, C, windowsAlong(attrs, H, 0), windowsAlong(attrs, W, 1)];
  const { kernel } = attrs;
  if (!Number.isInteger(kernel) || kernel < 1 || kernel > H || kernel > W) {
    throw new ShapeError(`The window must fit the image, got ${kernel}×${kernel} on ${H}×${W}`);
  }
  return [N, C, Math.floor(H / kernel), Math.floor(W / kernel)];
}

/** How many windows there are along an axis of `size` pixels. */
function windowsAlong(attrs: PoolWindows, size: number, axis: 0 | 1): number {
  const { kernel, strides, pads, dilations = [1, 1] } = attrs;
  const counts = [...kernel, ...strides, ...dilations];
  if (counts.some((count) => !Number.isInteger(count) || count < 1)) {
    throw new ShapeError(`Windows, strides and dilations must be at least 1, got [${counts.join()}]`);
  }
  if (pads.some((pad) => !Number.isInteger(pad) || pad < 0)) {
    throw new ShapeError(`Pads must be at least 0, got [${pads.join()}]`);
  }
  const [taps, stride, dilation, before] = [kernel[axis], strides[axis], dilations[axis], pads[axis]];
  const count = Math.floor((size + before + (pads[axis + 2] ?? 0) - reach(taps, dilation)) / stride) + 1;
  const hasPixel = (start: number): boolean =>
    Array.from({ length: taps }, (_, tap) => start + tap * dilation).some((place) => place >= 0 && place < size);
  const given = `got ${kernel.join('×')} on ${size} pixels along axis ${axis + 2} with pads [${pads.join()}]`;
  if (count < 1 || !Array.from({ length: count }, (_, p) => p * stride - before).every(hasPixel)) {
    throw new ShapeError(`Every window must have a pixel of the image, ${given}`);
  }
  // ONNX Runtime pools nothing else; without dilations it follows from the rule above.
  if (Math.max(before, padsAfter(attrs, size, axis, count)) >= taps) {
    throw new ShapeError(`Windows must have more places than there is padding, ${given}`);
  }
  return count;
}

/** Padding after the image that some window meets. */
function padsAfter(
  { kernel, strides, pads, dilations = [1, 1] }: PoolWindows,
  size: number,
  axis: 0 | 1,
  count: number,
): number {
  return Math.max(0, (count - 1) * strides[axis] + reach(kernel[axis], dilations[axis]) - size - pads[axis]);
}

/** Where each window has its maximum, counted through all of x: the first, row by row, where several are. [N, C, P, Q]. */
export function placesOfMaxima(b: PhysicalBuilder, x: PhysicalValue, attrs: PoolWindows): PhysicalValue {
  const windows = windowAttributes(x.shape, attrs);
  return b.shared(x, `maxima ${JSON.stringify(windows)}`, () => {
    const shape = pooledShape(x.shape, attrs);
    const types: readonly TensorType[] = [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ];
    const [, places] = b.emitAll('MaxPool', [x], windows, types);
    return need(places, 'the places of maxima');
  });
}

/** Windows as ONNX's MaxPool takes them: of the padding after the image, what some window meets. */
export function windowAttributes(x: Shape, attrs: PoolWindows): Readonly<Record<string, readonly number[]>> {
  const { kernel, strides, pads, dilations = [1, 1] } = attrs;
  const [, , H, W] = fourSizes(x);
  const [, , P, Q] = fourSizes(pooledShape(x, attrs));
  return {
    kernel_shape: kernel,
    strides,
    pads: [pads[0], pads[1], padsAfter(attrs, H, 0, P), padsAfter(attrs, W, 1, Q)],
    ...(dilations.some((d) => d !== 1) && { dilations }),
  };
}

/** Element (r, s) of every tile, [N, C, P, Q]. */
export function windowElement(
  b: PhysicalBuilder,
  x: PhysicalValue,
  kernel: number,
  [r, s]: readonly [number, number],
): PhysicalValue {
  const shape = pooledShape(x.shape, { kernel });
  const ends = [r + (sizeAt(shape, 2) - 1) * kernel + 1, s + (sizeAt(shape, 3) - 1) * kernel + 1];
  return b.emit('Slice', [x, b.ints([r, s]), b.ints(ends), b.ints([2, 3]), b.ints([kernel, kernel])], {}, shape);
}

/** Per element of a tile, row by row: 1 where it is the tile's first maximum, else 0; in the element type of x. */
export function firstMaximumMasks(b: PhysicalBuilder, x: PhysicalValue, kernel: number): readonly PhysicalValue[] {
  const shape = pooledShape(x.shape, { kernel });
  const dtype = x.dtype;
  const elements = windowPositions(kernel).map((position) => windowElement(b, x, kernel, position));
  const top = elements.reduce((a, c) => b.emit('Max', [a, c], {}, shape));
  let open = b.emit('Expand', [b.constant([1], [], dtype), b.ints(shape)], {}, shape);
  return elements.map((element) => {
    const equal = b.emit('Equal', [element, top], {}, shape, { dtype: 'bool' });
    const mask = b.emit('Where', [equal, open, b.constant([0], [], dtype)], {}, shape, { dtype });
    open = b.emit('Sub', [open, mask], {}, shape);
    return mask;
  });
}

export function windowPositions(kernel: number): readonly (readonly [number, number])[] {
  return Array.from({ length: kernel * kernel }, (_, i) => [Math.floor(i / kernel), i % kernel] as const);
}
