import { inferUnary } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { areTiles, pooledShape, windowAttributes } from './pooling.ts';

/**
 * The maximum of each window: k × k and side by side, or of any size, stride, padding and dilation. Padding never wins.
 * The gradient goes to the first maximum, as in PyTorch.
 */
export const maxPoolOp: OpDef<'MaxPool'> = {
  infer: (inputs, attrs) => {
    const [x] = inferUnary(inputs);
    return [{ dtype: x.dtype, shape: pooledShape(x.shape, attrs) }];
  },
  vjp: ({ g, inputs: [x], attrs, cotangents: [dy] }) => [g.emit('MaxPoolGrad', [x, dy], attrs)],
  onnx: ({ b, inputs: [x], attrs, outputs: [{ shape }] }) => {
    const windows = areTiles(attrs)
      ? { kernel_shape: [attrs.kernel, attrs.kernel], strides: [attrs.kernel, attrs.kernel] }
      : windowAttributes(x.shape, attrs);
    return [b.emit('MaxPool', [x], windows, shape)];
  },
};
