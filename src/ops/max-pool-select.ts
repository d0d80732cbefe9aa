import { need, ShapeError } from '../errors.ts';
import { sameShape } from '../graph/tensor-type.ts';
import { sumOf } from './convolution.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { firstMaximumMasks, pooledShape, windowElement, windowPositions } from './pooling.ts';

/** (x, v) → v at the first maximum of each window of x: the adjoint of MaxPoolGrad, and the tangent of MaxPool. */
export const maxPoolSelectOp: OpDef<'MaxPoolSelect'> = {
  infer: ([x, v], { kernel }) => {
    if (!sameShape(x.shape, v.shape)) {
      throw new ShapeError(`Both inputs must have one shape, got [${x.shape.join()}] and [${v.shape.join()}]`);
    }
    requireOneFloat([x, v]);
    return [{ dtype: x.dtype, shape: pooledShape(x.shape, kernel) }];
  },
  vjp: ({ g, inputs: [x], attrs, cotangents: [dy] }) => [undefined, g.emit('MaxPoolGrad', [x, dy], attrs)],
  onnx: ({ b, inputs: [x, v], attrs: { kernel }, outputs: [{ shape }] }) => {
    const masks = firstMaximumMasks(b, x, kernel);
    const positions = windowPositions(kernel);
    const terms = masks.map((mask, i) => {
      const element = windowElement(b, v, kernel, need(positions[i], `a place in the window for mask ${i}`));
      return b.emit('Mul', [mask, element], {}, shape);
    });
    return [sumOf(b, terms)];
  },
};
