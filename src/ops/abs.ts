import { sub } from '../graph/arithmetic.ts';
import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = |x|; dx = dy · sign(x), 0 at 0. */
export const absOp: OpDef<'Abs'> = {
  infer: inferUnary,
  vjp: ({ g, inputs: [x], cotangents: [dy] }) => [
    sub(g, g.emit('ReluGrad', [dy, x]), g.emit('ReluGrad', [dy, g.emit('Neg', [x])])),
  ],
  onnx: sameOp('Abs'),
};
