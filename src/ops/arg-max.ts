import { normaliseAxes } from '../graph/tensor-type.ts';
import { inputAt, requireInputs } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** Index of the first maximum along one axis, which is dropped: int64. */
export const argMaxOp: OpDef<'ArgMax'> = {
  infer: (inputs, { axis }) => {
    requireInputs(inputs, 1);
    const { shape } = inputAt(inputs, 0);
    const [dropped] = normaliseAxes([axis], shape.length);
    return [{ dtype: 'int64', shape: shape.filter((_, i) => i !== dropped) }];
  },
  vjp: { none: 'an index is an integer' },
  onnx: ({ b, inputs, attrs, outputs }) => [
    b.emit('ArgMax', inputs, { axis: attrs.axis, keepdims: 0 }, inputAt(outputs, 0).shape, { dtype: 'int64' }),
  ],
};
