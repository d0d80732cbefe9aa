import { ShapeError } from '../errors.ts';
import { sameShape } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** dx = g where y > 0, else 0, for g and y of one shape. Linear in g; constant in y almost everywhere. */
export const reluGradOp: OpDef<'ReluGrad'> = {
  infer: ([g, y]) => {
    requireOneFloat([g, y]);
    if (!sameShape(g.shape, y.shape)) {
      throw new ShapeError(`Both inputs must have one shape, got [${g.shape.join(',')}] and [${y.shape.join(',')}]`);
    }
    return [{ dtype: y.dtype, shape: y.shape }];
  },
  vjp: ({ g, inputs: [, y], cotangents: [dx] }) => [g.emit('ReluGrad', [dx, y]), undefined],
  onnx: ({ b, inputs: [gradient, y] }) => {
    const zero = b.constant([0], [], y.dtype);
    const positive = b.emit('Greater', [y, zero], {}, y.shape, { dtype: 'bool' });
    return [b.emit('Where', [positive, gradient, zero], {}, y.shape, { dtype: y.dtype })];
  },
};
