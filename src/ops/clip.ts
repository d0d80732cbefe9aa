import { sub } from '../graph/arithmetic.ts';
import { inferUnary, inputAt, onlyCotangent } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = x cut to [min, max]; dx = dy where min < x < max, else 0. */
export const clipOp: OpDef<'Clip'> = {
  infer: inferUnary,
  vjp: ({ g, inputs, attrs: { min, max }, cotangents }) => {
    const x = inputAt(inputs, 0);
    const limit = (value: number): typeof x => g.constant(value, [], x.dtype);
    const fromBelow = g.emit('ReluGrad', [onlyCotangent(cotangents), sub(g, x, limit(min))]);
    return [g.emit('ReluGrad', [fromBelow, sub(g, limit(max), x)])];
  },
  onnx: ({ b, inputs, attrs: { min, max } }) => {
    const x = inputAt(inputs, 0);
    const limits = [min, max].map((limit) => b.constant([limit], [], x.dtype));
    return [b.emit('Clip', [x, ...limits], {}, x.shape, { dtype: x.dtype })];
  },
};
