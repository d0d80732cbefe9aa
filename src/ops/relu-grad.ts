import { ShapeError } from '../errors.ts';
import { sameShape } from '../graph/tensor-type.ts';
import { inputAt, onlyCotangent, requireInputs, requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** dx = g where y > 0, else 0, for g and y of one shape. Linear in g; constant in y almost everywhere. */
export const reluGradOp: OpDef<'ReluGrad'> = {
  infer: (inputs) => {
    requireInputs(inputs, 2);
    requireOneFloat(inputs);
    const [g, y] = [inputAt(inputs, 0), inputAt(inputs, 1)];
    if (!sameShape(g.shape, y.shape)) {
      throw new ShapeError(`Both inputs must have one shape, got [${g.shape.join(',')}] and [${y.shape.join(',')}]`);
    }
    return [{ dtype: y.dtype, shape: y.shape }];
  },
  vjp: ({ g, inputs, cotangents }) => [g.emit('ReluGrad', [onlyCotangent(cotangents), inputAt(inputs, 1)]), undefined],
  onnx: ({ b, inputs }) => {
    const [gradient, y] = [inputAt(inputs, 0), inputAt(inputs, 1)];
    const zero = b.constant([0], [], y.dtype);
    const positive = b.emit('Greater', [y, zero], {}, y.shape, { dtype: 'bool' });
    return [b.emit('Where', [positive, gradient, zero], {}, y.shape, { dtype: y.dtype })];
  },
};
