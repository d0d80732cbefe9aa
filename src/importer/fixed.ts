/** @file Numbers that are known before a network is built: operands, and what norms do or are put back from. */

import type { Shape } from '../graph/tensor-type.ts';
import type { OnnxTensor } from '../onnx/model.ts';

/** Numbers that do not depend on what is fed. */
export interface Fixed {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
  readonly isFloat: boolean;
}

/** Of what a linear layer makes, per channel over the calibration set: biased variance. */
export interface ChannelStatistics {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** y = scale · x + shift per channel: what a batch norm does in evaluation mode. */
export interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** The numbers of a tensor of a file; int64 as numbers, since places and sizes never come near 2^53. */
export function fixedOf({ shape, data, type }: Pick<OnnxTensor, 'shape' | 'data' | 'type'>): Fixed {
  const isWide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  return { shape, data: isWide ? Array.from(data, Number) : data, isFloat: /float|double/u.test(type) };
}
