import { inferBinary, sameOp, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = x + y under broadcasting; dx = dy = dz. */
export const addOp: OpDef<'Add'> = {
  infer: inferBinary,
  vjp: ({ g, inputs: [x, y], cotangents: [dz] }) => [unbroadcast(g, dz, x.shape), unbroadcast(g, dz, y.shape)],
  onnx: sameOp('Add'),
};
