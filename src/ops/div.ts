import { div, mul } from '../graph/arithmetic.ts';
import { inferBinary, sameOp, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = x / y under broadcasting; dx = dz / y, dy = −dz · z / y. */
export const divOp: OpDef<'Div'> = {
  infer: inferBinary,
  vjp: ({ g, inputs: [x, y], outputs: [z], cotangents: [dz] }) => {
    const dx = div(g, dz, y);
    const dy = g.emit('Neg', [mul(g, dx, z)]);
    return [unbroadcast(g, dx, x.shape), unbroadcast(g, dy, y.shape)];
  },
  onnx: sameOp('Div'),
};
