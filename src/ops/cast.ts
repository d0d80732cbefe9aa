import { type DType, typeCodes } from '../graph/tensor-type.ts';
import { inputAt, onlyCotangent, requireInputs } from './elementwise.ts';
import type { OpDef } from './op.ts';

function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** The same numbers in another element type. Differentiable between floating-point types only. */
export const castOp: OpDef<'Cast'> = {
  infer: (inputs, attrs) => {
    requireInputs(inputs, 1);
    return [{ dtype: attrs.to, shape: inputAt(inputs, 0).shape }];
  },
  vjp: ({ g, inputs, outputs, cotangents }) => {
    const from = inputAt(inputs, 0).dtype;
    const differentiable = isFloat(from) && isFloat(inputAt(outputs, 0).dtype);
    return [differentiable ? g.emit('Cast', [onlyCotangent(cotangents)], { to: from }) : undefined];
  },
  onnx: ({ b, inputs, attrs }) => {
    const x = inputAt(inputs, 0);
    return [b.emit('Cast', [x], { to: typeCodes[attrs.to] }, x.shape, { dtype: attrs.to })];
  },
};
