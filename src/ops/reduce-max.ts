import { div, mul, reduceSum } from '../graph/arithmetic.ts';
import type { OpDef } from './op.ts';
import { inferReduce, onnxReduce, spread } from './reduce.ts';

/** y = max x over the axes; dx shares dy equally among the elements that attain it. */
export const reduceMaxOp: OpDef<'ReduceMax'> = {
  infer: inferReduce,
  vjp: ({ g, inputs: [x], outputs: [y], attrs, cotangents: [dy] }) => {
    const attains = g.emit('Cast', [g.emit('Equal', [x, spread(g, y, x.shape, attrs.axes)])], { to: x.dtype });
    const share = div(g, dy, reduceSum(g, attains, attrs.axes, attrs.keepdims));
    return [mul(g, attains, spread(g, share, x.shape, attrs.axes))];
  },
  onnx: onnxReduce('ReduceMax'),
};
