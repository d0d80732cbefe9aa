/** @file What the three max-pool ops share: output sizes, and windows as slices with a mask of the first maximum. */

import { ShapeError } from '../errors.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import { fourSizes, type Shape, sizeAt } from '../graph/tensor-type.ts';

/** [N, C, ⌊H/k⌋, ⌊W/k⌋]. @throws {ShapeError} unless x is [N, C, H, W] with room for one window. */
export function pooledShape(x: Shape, kernel: number): Shape {
  if (x.length !== 4) throw new ShapeError(`Pooling takes images [N,C,H,W], got [${x.join(',')}]`);
  const [N, C, H, W] = fourSizes(x);
  if (!Number.isInteger(kernel) || kernel < 1 || kernel > H || kernel > W) {
    throw new ShapeError(`The window must fit the image, got ${kernel}×${kernel} on ${H}×${W}`);
  }
  return [N, C, Math.floor(H / kernel), Math.floor(W / kernel)];
}

/** Element (r, s) of every window, [N, C, P, Q]. */
export function windowElement(
  b: PhysicalBuilder,
  x: PhysicalValue,
  kernel: number,
  [r, s]: readonly [number, number],
): PhysicalValue {
  const shape = pooledShape(x.shape, kernel);
  const ends = [r + (sizeAt(shape, 2) - 1) * kernel + 1, s + (sizeAt(shape, 3) - 1) * kernel + 1];
  return b.emit('Slice', [x, b.ints([r, s]), b.ints(ends), b.ints([2, 3]), b.ints([kernel, kernel])], {}, shape);
}

/** Per window element, row by row: 1 where it is the window's first maximum, else 0; in the element type of x. */
export function firstMaximumMasks(b: PhysicalBuilder, x: PhysicalValue, kernel: number): readonly PhysicalValue[] {
  const shape = pooledShape(x.shape, kernel);
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
