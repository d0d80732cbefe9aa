import { mul, sub } from '../graph/arithmetic.ts';
import { inferUnary, inputAt, onlyCotangent, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = tanh x; dx = dy · (1 − y²). */
export const tanhOp: OpDef<'Tanh'> = {
  infer: inferUnary,
  vjp: ({ g, outputs, cotangents }) => {
    const y = inputAt(outputs, 0);
    return [mul(g, onlyCotangent(cotangents), sub(g, 1, mul(g, y, y)))];
  },
  onnx: sameOp('Tanh'),
};
