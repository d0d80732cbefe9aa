import { ShapeError } from '../errors.ts';
import { reshape } from '../graph/arithmetic.ts';
import { elementCount, requireSizes } from '../graph/tensor-type.ts';
import { inputAt, onlyCotangent, requireInputs } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** The same elements in row-major order under another shape, given in full (no −1 or 0). */
export const reshapeOp: OpDef<'Reshape'> = {
  infer: (inputs, { shape }) => {
    requireInputs(inputs, 1);
    requireSizes(shape);
    const x = inputAt(inputs, 0);
    if (elementCount(x.shape) !== elementCount(shape)) {
      throw new ShapeError(`Element counts must agree, got [${x.shape.join(',')}] to [${shape.join(',')}]`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ g, inputs, cotangents }) => [reshape(g, onlyCotangent(cotangents), inputAt(inputs, 0).shape)],
  onnx: ({ b, inputs, attrs: { shape } }) => [b.emit('Reshape', [inputAt(inputs, 0), b.ints(shape)], {}, shape)],
};
