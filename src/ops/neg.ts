import { inferUnary, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = −x; dx = −dy. */
export const negOp: OpDef<'Neg'> = {
  infer: inferUnary,
  vjp: ({ g, cotangents: [dy] }) => [g.emit('Neg', [dy])],
  onnx: sameOp('Neg'),
};
