import { inferUnary, inputAt, onlyCotangent } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { pooledShape } from './pooling.ts';

/** The maximum of each k × k window, windows side by side. The gradient goes to the first maximum, as in PyTorch. */
export const maxPoolOp: OpDef<'MaxPool'> = {
  infer: (inputs, { kernel }) => {
    const x = inputAt(inferUnary(inputs), 0);
    return [{ dtype: x.dtype, shape: pooledShape(x.shape, kernel) }];
  },
  vjp: ({ g, inputs, attrs, cotangents }) => [
    g.emit('MaxPoolGrad', [inputAt(inputs, 0), onlyCotangent(cotangents)], attrs),
  ],
  onnx: ({ b, inputs, attrs: { kernel }, outputs }) => [
    b.emit('MaxPool', inputs, { kernel_shape: [kernel, kernel], strides: [kernel, kernel] }, inputAt(outputs, 0).shape),
  ],
};
