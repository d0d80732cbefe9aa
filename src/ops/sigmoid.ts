import { mul, sub } from '../graph/arithmetic.ts';
import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = 1 / (1 + e⁻ˣ); dx = dy · y · (1 − y). */
export const sigmoidOp: OpDef<'Sigmoid'> = {
  infer: inferUnary,
  vjp: ({ g, outputs: [y], cotangents: [dy] }) => [mul(g, dy, mul(g, y, sub(g, 1, y)))],
  onnx: sameOp('Sigmoid'),
};
