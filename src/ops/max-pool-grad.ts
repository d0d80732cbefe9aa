import { ShapeError } from '../errors.ts';
import type { PoolWindows } from '../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import { elementCount, fourSizes, sameShape, type Shape, sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { areTiles, firstMaximumMasks, placesOfMaxima, pooledShape } from './pooling.ts';

/**
 * (x, g) → at each pixel of x the sum of g over the windows of which it is the first maximum. Linear in g; constant in x
 * almost everywhere.
 */
export const maxPoolGradOp: OpDef<'MaxPoolGrad'> = {
  infer: ([x, g], attrs) => {
    if (!sameShape(g.shape, pooledShape(x.shape, attrs))) {
      throw new ShapeError(`The gradient must have the pooled shape of [${x.shape.join()}], got [${g.shape.join()}]`);
    }
    requireOneFloat([x, g]);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  vjp: ({ g, inputs: [x], attrs, cotangents: [dy] }) => [undefined, g.emit('MaxPoolSelect', [x, dy], attrs)],
  onnx: ({ b, inputs: [x, g], attrs, outputs: [{ shape }] }) => [
    areTiles(attrs) ? inTiles(b, x, g, attrs.kernel, shape) : addedAtMaxima(b, x, g, attrs),
  ],
};

/** Each pixel is in one window at most: its g times a mask, put beside each other. */
function inTiles(b: PhysicalBuilder, x: PhysicalValue, g: PhysicalValue, kernel: number, full: Shape): PhysicalValue {
  const [N, C, P, Q] = fourSizes(g.shape);
  const column = [N, C, P, 1, Q, 1];
  const parts = firstMaximumMasks(b, x, kernel).map((mask) => {
    const part = b.emit('Mul', [mask, g], {}, g.shape);
    return b.emit('Reshape', [part, b.ints(column)], {}, column);
  });
  const rows = Array.from({ length: kernel }, (_, r) =>
    b.emit('Concat', parts.slice(r * kernel, (r + 1) * kernel), { axis: 5 }, [N, C, P, 1, Q, kernel]),
  );
  const windows = b.emit('Concat', rows, { axis: 3 }, [N, C, P, kernel, Q, kernel]);
  const covered = [N, C, P * kernel, Q * kernel];
  const images = b.emit('Reshape', [windows, b.ints(covered)], {}, covered);
  const rest = [sizeAt(full, 2) - P * kernel, sizeAt(full, 3) - Q * kernel];
  return rest.every((r) => r === 0) ? images : b.emit('Pad', [images, b.ints([0, 0, 0, 0, 0, 0, ...rest])], {}, full);
}

/** Windows may share pixels: each g is added at the place of its window's maximum. */
function addedAtMaxima(b: PhysicalBuilder, x: PhysicalValue, g: PhysicalValue, attrs: PoolWindows): PhysicalValue {
  const [pixels, windows] = [[elementCount(x.shape)], [elementCount(g.shape)]];
  const list = (value: PhysicalValue): PhysicalValue => b.emit('Reshape', [value, b.ints(windows)], {}, windows);
  const zeros = b.emit('Expand', [b.constant([0], [], x.dtype), b.ints(pixels)], {}, pixels);
  const sums = b.emit(
    'ScatterElements',
    [zeros, list(placesOfMaxima(b, x, attrs)), list(g)],
    { axis: 0, reduction: 'add' },
    pixels,
  );
  return b.emit('Reshape', [sums, b.ints(x.shape)], {}, x.shape);
}
