import { mul } from '../graph/arithmetic.ts';
import { inferUnary } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = ln(1 + eˣ); dx = dy · sigmoid(x). */
export const softplusOp: OpDef<'Softplus'> = {
  infer: inferUnary,
  vjp: ({ g, inputs: [x], cotangents: [dy] }) => [mul(g, dy, g.emit('Sigmoid', [x]))],
  // max(x, 0) + ln(1 + e^−|x|): overflows nowhere, and exists in float64, which ORT's Softplus does not.
  onnx: ({ b, inputs: [x] }) => {
    const tail = b.emit('Exp', [b.emit('Neg', [b.emit('Abs', [x], {}, x.shape)], {}, x.shape)], {}, x.shape);
    const one = b.constant([1], [], x.dtype);
    const logarithm = b.emit('Log', [b.emit('Add', [tail, one], {}, x.shape)], {}, x.shape);
    return [b.emit('Add', [b.emit('Relu', [x], {}, x.shape), logarithm], {}, x.shape)];
  },
};
