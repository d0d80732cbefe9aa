import { ShapeError } from '../errors.ts';
import { broadcastShapes } from '../graph/tensor-type.ts';
import { sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = (x = y), elementwise under broadcasting, as bool. */
export const equalOp: OpDef<'Equal'> = {
  infer: ([x, y]) => {
    if (x.dtype !== y.dtype) throw new ShapeError(`Element types must be equal, got ${x.dtype} and ${y.dtype}`);
    return [{ dtype: 'bool', shape: broadcastShapes(x.shape, y.shape) }];
  },
  vjp: { none: 'a comparison is piecewise constant' },
  onnx: sameOp('Equal'),
};
