import { normaliseAxis } from '../graph/tensor-type.ts';
import type { OpDef } from './op.ts';

/** Index of the first maximum along one axis, which is dropped: int64. */
export const argMaxOp: OpDef<'ArgMax'> = {
  infer: ([{ shape }], { axis }) => {
    const dropped = normaliseAxis(axis, shape.length);
    return [{ dtype: 'int64', shape: shape.filter((_, i) => i !== dropped) }];
  },
  vjp: { none: 'an index is an integer' },
  onnx: ({ b, inputs, attrs: { axis }, outputs: [{ shape }] }) => [
    b.emit('ArgMax', inputs, { axis, keepdims: 0 }, shape, { dtype: 'int64' }),
  ],
};
