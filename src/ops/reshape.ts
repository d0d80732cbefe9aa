import { ShapeError } from '../errors.ts';
import { reshape } from '../graph/arithmetic.ts';
import { elementCount, requireSizes } from '../graph/tensor-type.ts';
import type { OpDef } from './op.ts';

/** The same elements in row-major order under another shape, given in full (no −1 or 0). */
export const reshapeOp: OpDef<'Reshape'> = {
  infer: ([x], { shape }) => {
    requireSizes(shape);
    if (elementCount(x.shape) !== elementCount(shape)) {
      throw new ShapeError(`Element counts must agree, got [${x.shape.join(',')}] to [${shape.join(',')}]`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ g, inputs: [x], cotangents: [dy] }) => [reshape(g, dy, x.shape)],
  onnx: ({ b, inputs: [x], attrs: { shape } }) => [b.emit('Reshape', [x, b.ints(shape)], {}, shape)],
};
