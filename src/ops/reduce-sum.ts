import type { OpDef } from './op.ts';
import { inferReduce, onnxReduce, spread } from './reduce.ts';

/** y = Σ x over the axes; dx repeats dy along them. */
export const reduceSumOp: OpDef<'ReduceSum'> = {
  infer: inferReduce,
  vjp: ({ g, inputs: [x], attrs, cotangents: [dy] }) => [spread(g, dy, x.shape, attrs.axes)],
  onnx: onnxReduce('ReduceSum'),
};
