import { inferBinary, inputAt, onlyCotangent, sameOp, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = x + y under broadcasting; dx = dy = dz. */
export const addOp: OpDef<'Add'> = {
  infer: inferBinary,
  vjp: ({ g, inputs, cotangents }) => {
    const dz = onlyCotangent(cotangents);
    return [unbroadcast(g, dz, inputAt(inputs, 0).shape), unbroadcast(g, dz, inputAt(inputs, 1).shape)];
  },
  onnx: sameOp('Add'),
};
