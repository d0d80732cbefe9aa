import { mul, reduceSum, sub } from '../graph/arithmetic.ts';
import { normaliseAxes } from '../graph/tensor-type.ts';
import { inferUnary, inputAt, onlyCotangent } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = x − ln Σ eˣ along one axis; dx = dy − eʸ Σ dy. */
export const logSoftmaxOp: OpDef<'LogSoftmax'> = {
  infer: (inputs, { axis }) => {
    normaliseAxes([axis], inputAt(inputs, 0).shape.length);
    return inferUnary(inputs);
  },
  vjp: ({ g, outputs, attrs: { axis }, cotangents }) => {
    const dy = onlyCotangent(cotangents);
    const probabilities = g.emit('Exp', [inputAt(outputs, 0)]);
    return [sub(g, dy, mul(g, probabilities, reduceSum(g, dy, [axis], true)))];
  },
  onnx: ({ b, inputs, attrs: { axis } }) => {
    const x = inputAt(inputs, 0);
    return [b.emit('LogSoftmax', [x], { axis }, x.shape)];
  },
};
