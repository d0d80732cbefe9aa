import { sub } from '../graph/arithmetic.ts';
import { inferUnary } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = x cut to [min, max]; dx = dy where min < x < max, else 0. */
export const clipOp: OpDef<'Clip'> = {
  infer: inferUnary,
  vjp: ({ g, inputs: [x], attrs: { min, max }, cotangents: [dy] }) => {
    const limit = (value: number): typeof x => g.constant(value, [], x.dtype);
    const fromBelow = g.emit('ReluGrad', [dy, sub(g, x, limit(min))]);
    return [g.emit('ReluGrad', [fromBelow, sub(g, limit(max), x)])];
  },
  onnx: ({ b, inputs: [x], attrs: { min, max } }) => {
    const limits = [min, max].map((limit) => b.constant([limit], [], x.dtype));
    return [b.emit('Clip', [x, ...limits], {}, x.shape, { dtype: x.dtype })];
  },
};
