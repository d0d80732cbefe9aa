import { div, mul } from '../graph/arithmetic.ts';
import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = √x; dx = dy / (2y). */
export const sqrtOp: OpDef<'Sqrt'> = {
  infer: inferUnary,
  vjp: ({ g, outputs: [y], cotangents: [dy] }) => [div(g, mul(g, dy, 0.5), y)],
  onnx: sameOp('Sqrt'),
};
