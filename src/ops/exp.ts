import { mul } from '../graph/arithmetic.ts';
import { inferUnary, inputAt, onlyCotangent, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = eˣ; dx = dy · y. */
export const expOp: OpDef<'Exp'> = {
  infer: inferUnary,
  vjp: ({ g, outputs, cotangents }) => [mul(g, onlyCotangent(cotangents), inputAt(outputs, 0))],
  onnx: sameOp('Exp'),
};
