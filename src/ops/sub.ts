import { inferBinary, inputAt, onlyCotangent, sameOp, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = x − y under broadcasting; dx = dz, dy = −dz. */
export const subOp: OpDef<'Sub'> = {
  infer: inferBinary,
  vjp: ({ g, inputs, cotangents }) => {
    const dz = onlyCotangent(cotangents);
    const dy = unbroadcast(g, dz, inputAt(inputs, 1).shape);
    return [unbroadcast(g, dz, inputAt(inputs, 0).shape), g.emit('Neg', [dy])];
  },
  onnx: sameOp('Sub'),
};
