import { mul, sub } from '../graph/arithmetic.ts';
import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = tanh x; dx = dy · (1 − y²). */
export const tanhOp: OpDef<'Tanh'> = {
  infer: inferUnary,
  vjp: ({ g, outputs: [y], cotangents: [dy] }) => [mul(g, dy, sub(g, 1, mul(g, y, y)))],
  onnx: sameOp('Tanh'),
};
