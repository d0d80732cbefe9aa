import { inferBinary, sameOp, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = x − y under broadcasting; dx = dz, dy = −dz. */
export const subOp: OpDef<'Sub'> = {
  infer: inferBinary,
  vjp: ({ g, inputs: [x, y], cotangents: [dz] }) => {
    const dy = unbroadcast(g, dz, y.shape);
    return [unbroadcast(g, dz, x.shape), g.emit('Neg', [dy])];
  },
  onnx: sameOp('Sub'),
};
