import { mul } from '../graph/arithmetic.ts';
import { inferBinary, sameOp, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = x · y under broadcasting; dx = dz · y, dy = dz · x. */
export const mulOp: OpDef<'Mul'> = {
  infer: inferBinary,
  vjp: ({ g, inputs: [x, y], cotangents: [dz] }) => [
    unbroadcast(g, mul(g, dz, y), x.shape),
    unbroadcast(g, mul(g, dz, x), y.shape),
  ],
  onnx: sameOp('Mul'),
};
