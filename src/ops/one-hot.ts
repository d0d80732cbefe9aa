import { ShapeError } from '../errors.ts';
import { requireSizes, sizeAt, typeCodes } from '../graph/tensor-type.ts';
import type { OpDef } from './op.ts';

/** y[n, k] = 1 where k is the class of n, else 0: int32 [N] → [N, depth]. A class outside 0 … depth−1 gives a zero row. */
export const oneHotOp: OpDef<'OneHot'> = {
  infer: ([{ dtype, shape }], { depth, to }) => {
    requireSizes([depth]);
    if (dtype !== 'int32' || shape.length !== 1) {
      throw new ShapeError(`Classes must be int32 [N], got ${dtype} [${shape.join(',')}]`);
    }
    return [{ dtype: to, shape: [sizeAt(shape, 0), depth] }];
  },
  vjp: { none: 'a class is an integer' },
  // A comparison with 0 … depth−1, since ORT's OneHot knows few type combinations.
  onnx: ({ b, inputs: [classes], attrs: { depth, to } }) => {
    const count = sizeAt(classes.shape, 0);
    const column = b.emit('Reshape', [classes, b.ints([count, 1])], {}, [count, 1]);
    const range = b.constant(
      Array.from({ length: depth }, (_, k) => k),
      [1, depth],
      'int32',
    );
    const hit = b.emit('Equal', [column, range], {}, [count, depth], { dtype: 'bool' });
    return [b.emit('Cast', [hit], { to: typeCodes[to] }, [count, depth], { dtype: to })];
  },
};
