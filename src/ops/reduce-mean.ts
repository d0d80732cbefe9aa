import { div } from '../graph/arithmetic.ts';
import type { OpDef } from './op.ts';
import { inferReduce, onnxReduce, pooledCount, spread } from './reduce.ts';

/** y = (1/m) Σ x over the axes, m elements each; dx repeats dy / m along them. */
export const reduceMeanOp: OpDef<'ReduceMean'> = {
  infer: inferReduce,
  vjp: ({ g, inputs: [{ shape }], attrs: { axes }, cotangents: [dy] }) => [
    spread(g, div(g, dy, pooledCount(shape, axes)), shape, axes),
  ],
  onnx: onnxReduce('ReduceMean'),
};
