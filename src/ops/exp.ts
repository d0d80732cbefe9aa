import { mul } from '../graph/arithmetic.ts';
import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = eˣ; dx = dy · y. */
export const expOp: OpDef<'Exp'> = {
  infer: inferUnary,
  vjp: ({ g, outputs: [y], cotangents: [dy] }) => [mul(g, dy, y)],
  onnx: sameOp('Exp'),
};
