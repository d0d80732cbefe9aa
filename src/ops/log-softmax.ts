import { mul, reduceSum, sub } from '../graph/arithmetic.ts';
import { normaliseAxis } from '../graph/tensor-type.ts';
import { inferUnary } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = x − ln Σ eˣ along one axis; dx = dy − eʸ Σ dy. */
export const logSoftmaxOp: OpDef<'LogSoftmax'> = {
  infer: ([x], { axis }) => {
    normaliseAxis(axis, x.shape.length);
    return inferUnary([x]);
  },
  vjp: ({ g, outputs: [y], attrs: { axis }, cotangents: [dy] }) => {
    const probabilities = g.emit('Exp', [y]);
    return [sub(g, dy, mul(g, probabilities, reduceSum(g, dy, [axis], true)))];
  },
  onnx: ({ b, inputs: [x], attrs: { axis } }) => [b.emit('LogSoftmax', [x], { axis }, x.shape)],
};
