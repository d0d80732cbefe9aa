import { inferUnary } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = x, held constant by differentiation: dx = 0. */
export const stopGradientOp: OpDef<'StopGradient'> = {
  infer: inferUnary,
  vjp: { none: 'that is what it is for' },
  onnx: ({ inputs }) => inputs,
};
