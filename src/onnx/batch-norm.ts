/** @file The one op of ONNX that much here is about. */

import type { OnnxNode } from './model.ts';

export function isBatchNorm({ op, domain }: OnnxNode): boolean {
  return op === 'BatchNormalization' && domain === '';
}
