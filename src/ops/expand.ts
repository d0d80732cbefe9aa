import { ShapeError } from '../errors.ts';
import { broadcastShapes, requireSizes, sameShape } from '../graph/tensor-type.ts';
import { inputAt, onlyCotangent, requireInputs, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** x broadcast to a larger shape; the gradient is summed back. */
export const expandOp: OpDef<'Expand'> = {
  infer: (inputs, { shape }) => {
    requireInputs(inputs, 1);
    requireSizes(shape);
    const x = inputAt(inputs, 0);
    if (!sameShape(broadcastShapes(x.shape, shape), shape)) {
      throw new ShapeError(`[${x.shape.join(',')}] must broadcast to [${shape.join(',')}] without growing it`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ g, inputs, cotangents }) => [unbroadcast(g, onlyCotangent(cotangents), inputAt(inputs, 0).shape)],
  onnx: ({ b, inputs, attrs: { shape } }) => [b.emit('Expand', [inputAt(inputs, 0), b.ints(shape)], {}, shape)],
};
