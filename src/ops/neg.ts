import { inferUnary, onlyCotangent, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = −x; dx = −dy. */
export const negOp: OpDef<'Neg'> = {
  infer: inferUnary,
  vjp: ({ g, cotangents }) => [g.emit('Neg', [onlyCotangent(cotangents)])],
  onnx: sameOp('Neg'),
};
