import { type DType, typeCodes } from '../graph/tensor-type.ts';
import type { OpDef } from './op.ts';

function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** The same numbers in another element type. Differentiable between floating-point types only. */
export const castOp: OpDef<'Cast'> = {
  infer: ([{ shape }], { to }) => [{ dtype: to, shape }],
  vjp: ({ g, inputs: [x], attrs: { to }, cotangents: [dy] }) => [
    isFloat(x.dtype) && isFloat(to) ? g.emit('Cast', [dy], { to: x.dtype }) : undefined,
  ],
  onnx: ({ b, inputs: [x], attrs: { to } }) => [b.emit('Cast', [x], { to: typeCodes[to] }, x.shape, { dtype: to })],
};
