import { div } from '../graph/arithmetic.ts';
import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = ln x; dx = dy / x. */
export const logOp: OpDef<'Log'> = {
  infer: inferUnary,
  vjp: ({ g, inputs: [x], cotangents: [dy] }) => [div(g, dy, x)],
  onnx: sameOp('Log'),
};
