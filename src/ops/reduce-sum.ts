import { inputAt, onlyCotangent } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { inferReduce, onnxReduce, spread } from './reduce.ts';

/** y = Σ x over the axes; dx repeats dy along them. */
export const reduceSumOp: OpDef<'ReduceSum'> = {
  infer: inferReduce,
  vjp: ({ g, inputs, attrs, cotangents }) => [
    spread(g, onlyCotangent(cotangents), inputAt(inputs, 0).shape, attrs.axes),
  ],
  onnx: onnxReduce('ReduceSum'),
};
