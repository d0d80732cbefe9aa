import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = max(x, 0); dx = dy where y > 0, and 0 at x = 0 as PyTorch has it. */
export const reluOp: OpDef<'Relu'> = {
  infer: inferUnary,
  vjp: ({ g, outputs: [y], cotangents: [dy] }) => [g.emit('ReluGrad', [dy, y])],
  onnx: sameOp('Relu'),
};
