import { div } from '../graph/arithmetic.ts';
import { inputAt, onlyCotangent } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { inferReduce, onnxReduce, pooledCount, spread } from './reduce.ts';

/** y = (1/m) Σ x over the axes, m elements each; dx repeats dy / m along them. */
export const reduceMeanOp: OpDef<'ReduceMean'> = {
  infer: inferReduce,
  vjp: ({ g, inputs, attrs, cotangents }) => {
    const { shape } = inputAt(inputs, 0);
    return [spread(g, div(g, onlyCotangent(cotangents), pooledCount(shape, attrs.axes)), shape, attrs.axes)];
  },
  onnx: onnxReduce('ReduceMean'),
};
