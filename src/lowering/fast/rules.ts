/** @file How each op is lowered. An op without an entry here does not compile. */

import type { OpName } from '../../graph/op-attributes.ts';
import { batchNormalizationGradRule, batchNormalizationRule } from './batch-norm.ts';
import type { Rule } from './context.ts';
import { convInputGradRule, convRule, convWeightGradRule } from './convolution.ts';
import { elementwise, reluGradRule } from './elementwise.ts';
import { matMulRule } from './mat-mul.ts';
import { inAnyOrder, plain } from './reference-form.ts';
import { maxPoolGradRule, maxPoolRule, maxPoolSelectRule } from './pool.ts';
import { reduceRule } from './reduce.ts';
import { expandRule, reshapeRule, transposeRule } from './reshape.ts';

export const rules: { readonly [K in OpName]: Rule<K> } = {
  Add: elementwise(),
  Sub: elementwise(),
  Mul: elementwise(),
  Div: elementwise(),
  Neg: elementwise(),
  Abs: elementwise(),
  Clip: elementwise(),
  Sqrt: elementwise(),
  Exp: elementwise(),
  Log: elementwise(),
  Tanh: elementwise(),
  Sigmoid: elementwise(),
  Softplus: elementwise(),
  Relu: elementwise(),
  ReluGrad: reluGradRule,
  StopGradient: elementwise(),
  Equal: elementwise(),
  Cast: elementwise(),
  OneHot: plain(),
  Histogram: inAnyOrder(),
  ArgMax: plain(),
  Reshape: reshapeRule,
  Transpose: transposeRule,
  Expand: expandRule,
  Concat: plain(),
  Slice: plain(),
  ReduceSum: reduceRule('ReduceSum'),
  ReduceMean: reduceRule('ReduceMean'),
  ReduceMax: reduceRule('ReduceMax'),
  MatMul: matMulRule,
  LogSoftmax: plain(),
  Conv: convRule,
  ConvInputGrad: convInputGradRule,
  ConvWeightGrad: convWeightGradRule,
  MaxPool: maxPoolRule,
  MaxPoolGrad: maxPoolGradRule,
  MaxPoolSelect: maxPoolSelectRule,
  BatchNormalization: batchNormalizationRule,
  BatchNormalizationGrad: batchNormalizationGradRule,
};
