import { div, mul } from '../graph/arithmetic.ts';
import { inferBinary, inputAt, onlyCotangent, sameOp, unbroadcast } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** z = x / y under broadcasting; dx = dz / y, dy = −dz · z / y. */
export const divOp: OpDef<'Div'> = {
  infer: inferBinary,
  vjp: ({ g, inputs, outputs, cotangents }) => {
    const [x, y] = [inputAt(inputs, 0), inputAt(inputs, 1)];
    const dx = div(g, onlyCotangent(cotangents), y);
    const dy = g.emit('Neg', [mul(g, dx, inputAt(outputs, 0))]);
    return [unbroadcast(g, dx, x.shape), unbroadcast(g, dy, y.shape)];
  },
  onnx: sameOp('Div'),
};
