import { div } from '../graph/arithmetic.ts';
import { inferUnary, inputAt, onlyCotangent, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = ln x; dx = dy / x. */
export const logOp: OpDef<'Log'> = {
  infer: inferUnary,
  vjp: ({ g, inputs, cotangents }) => [div(g, onlyCotangent(cotangents), inputAt(inputs, 0))],
  onnx: sameOp('Log'),
};
