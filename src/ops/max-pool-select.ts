import { ShapeError } from '../errors.ts';
import { sameShape } from '../graph/tensor-type.ts';
import { sumOf } from './convolution.ts';
import { inputAt, onlyCotangent, requireInputs, requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { firstMaximumMasks, pooledShape, windowElement, windowPositions } from './pooling.ts';

/** (x, v) → v at the first maximum of each window of x: the adjoint of MaxPoolGrad, and the tangent of MaxPool. */
export const maxPoolSelectOp: OpDef<'MaxPoolSelect'> = {
  infer: (inputs, { kernel }) => {
    requireInputs(inputs, 2);
    const [x, v] = [inputAt(inputs, 0), inputAt(inputs, 1)];
    if (!sameShape(x.shape, v.shape)) {
      throw new ShapeError(`Both inputs must have one shape, got [${x.shape.join()}] and [${v.shape.join()}]`);
    }
    requireOneFloat(inputs);
    return [{ dtype: x.dtype, shape: pooledShape(x.shape, kernel) }];
  },
  vjp: ({ g, inputs, attrs, cotangents }) => [
    undefined,
    g.emit('MaxPoolGrad', [inputAt(inputs, 0), onlyCotangent(cotangents)], attrs),
  ],
  onnx: ({ b, inputs, attrs: { kernel }, outputs }) => {
    const [x, v] = [inputAt(inputs, 0), inputAt(inputs, 1)];
    const masks = firstMaximumMasks(b, x, kernel);
    const terms = windowPositions(kernel).map((position, i) =>
      b.emit('Mul', [inputAt(masks, i), windowElement(b, v, kernel, position)], {}, inputAt(outputs, 0).shape),
    );
    return [sumOf(b, terms)];
  },
};
