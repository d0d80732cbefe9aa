import { inferUnary } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { pooledShape } from './pooling.ts';

/** The maximum of each k × k window, windows side by side. The gradient goes to the first maximum, as in PyTorch. */
export const maxPoolOp: OpDef<'MaxPool'> = {
  infer: (inputs, { kernel }) => {
    const [x] = inferUnary(inputs);
    return [{ dtype: x.dtype, shape: pooledShape(x.shape, kernel) }];
  },
  vjp: ({ g, inputs: [x], attrs, cotangents: [dy] }) => [g.emit('MaxPoolGrad', [x, dy], attrs)],
  onnx: ({ b, inputs, attrs: { kernel }, outputs: [{ shape }] }) => [
    b.emit('MaxPool', inputs, { kernel_shape: [kernel, kernel], strides: [kernel, kernel] }, shape),
  ],
};
