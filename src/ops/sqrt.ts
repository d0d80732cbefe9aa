import { div, mul } from '../graph/arithmetic.ts';
import { inferUnary, inputAt, onlyCotangent, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = √x; dx = dy / (2y). */
export const sqrtOp: OpDef<'Sqrt'> = {
  infer: inferUnary,
  vjp: ({ g, outputs, cotangents }) => [div(g, mul(g, onlyCotangent(cotangents), 0.5), inputAt(outputs, 0))],
  onnx: sameOp('Sqrt'),
};
