import { ShapeError } from '../errors.ts';
import { broadcastShapes, requireSizes, sameShape } from '../graph/tensor-type.ts';
import { unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** x broadcast to a larger shape; the gradient is summed back. */
export const expandOp: OpDef<'Expand'> = {
  infer: ([x], { shape }) => {
    requireSizes(shape);
    if (!sameShape(broadcastShapes(x.shape, shape), shape)) {
      throw new ShapeError(`[${x.shape.join(',')}] must broadcast to [${shape.join(',')}] without growing it`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ g, inputs: [x], cotangents: [dy] }) => [unbroadcast(g, dy, x.shape)],
  onnx: ({ b, inputs: [x], attrs: { shape } }) => [b.emit('Expand', [x, b.ints(shape)], {}, shape)],
};
