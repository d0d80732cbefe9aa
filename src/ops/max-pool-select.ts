import { need, ShapeError } from '../errors.ts';
import type { PoolWindows } from '../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import { elementCount, sameShape, type Shape } from '../graph/tensor-type.ts';
import { sumOf } from './convolution.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { areTiles, firstMaximumMasks, placesOfMaxima, pooledShape, windowElement, windowPositions } from './pooling.ts';

/** (x, v) → v at the first maximum of each window of x: the adjoint of MaxPoolGrad, and the tangent of MaxPool. */
export const maxPoolSelectOp: OpDef<'MaxPoolSelect'> = {
  infer: ([x, v], attrs) => {
    if (!sameShape(x.shape, v.shape)) {
      throw new ShapeError(`Both inputs must have one shape, got [${x.shape.join()}] and [${v.shape.join()}]`);
    }
    requireOneFloat([x, v]);
    return [{ dtype: x.dtype, shape: pooledShape(x.shape, attrs) }];
  },
  vjp: ({ g, inputs: [x], attrs, cotangents: [dy] }) => [undefined, g.emit('MaxPoolGrad', [x, dy], attrs)],
  onnx: ({ b, inputs: [x, v], attrs, outputs: [{ shape }] }) => [
    areTiles(attrs) ? inTiles(b, x, v, attrs.kernel, shape) : atMaxima(b, x, v, attrs, shape),
  ],
};

/** Σ over the places of a window of v there times a mask. */
function inTiles(b: PhysicalBuilder, x: PhysicalValue, v: PhysicalValue, kernel: number, shape: Shape): PhysicalValue {
  const masks = firstMaximumMasks(b, x, kernel);
  const positions = windowPositions(kernel);
  const terms = masks.map((mask, i) => {
    const element = windowElement(b, v, kernel, need(positions[i], `a place in the window for mask ${i}`));
    return b.emit('Mul', [mask, element], {}, shape);
  });
  return sumOf(b, terms);
}

/** v as a list, read at the places of the maxima. */
function atMaxima(
  b: PhysicalBuilder,
  x: PhysicalValue,
  v: PhysicalValue,
  attrs: PoolWindows,
  shape: Shape,
): PhysicalValue {
  const pixels = [elementCount(v.shape)];
  const list = b.emit('Reshape', [v, b.ints(pixels)], {}, pixels);
  return b.emit('Gather', [list, placesOfMaxima(b, x, attrs)], { axis: 0 }, shape);
}
