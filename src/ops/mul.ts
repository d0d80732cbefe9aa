import { mul } from '../graph/arithmetic.ts';
import { inferBinary, inputAt, onlyCotangent, sameOp, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = x · y under broadcasting; dx = dz · y, dy = dz · x. */
export const mulOp: OpDef<'Mul'> = {
  infer: inferBinary,
  vjp: ({ g, inputs, cotangents }) => {
    const [x, y] = [inputAt(inputs, 0), inputAt(inputs, 1)];
    const dz = onlyCotangent(cotangents);
    return [unbroadcast(g, mul(g, dz, y), x.shape), unbroadcast(g, mul(g, dz, x), y.shape)];
  },
  onnx: sameOp('Mul'),
};
