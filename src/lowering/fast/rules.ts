/** @file How each op is lowered, and what it says about layouts. An op without an entry here does not compile. */

import type { OpName } from '../../graph/op-attributes.ts';
import { asReference, inAnyOrder } from './as-reference.ts';
import { batchNormalizationGradRule, batchNormalizationRule } from './batch-norm.ts';
import type { Rule } from './context.ts';
import { convInputGradRule, convRule, convWeightGradRule } from './convolution.ts';
import { elementwise, reluGradRule } from './elementwise.ts';
import { matMulRule } from './mat-mul.ts';
import { maxPoolGradRule, maxPoolRule, maxPoolSelectRule } from './pool.ts';
import { reduceRule } from './reduce.ts';
import { expandRule, reshapeRule, transposeRule } from './reshape.ts';
import type { Ties } from './settle.ts';

/** Everything that the fast lowerings know about one op. */
interface OpRules<K extends OpName> {
  readonly ties: Ties;
  readonly lower: Rule<K>;
}

export type RuleTable = { readonly [K in OpName]: OpRules<K> };

export const rules: RuleTable = {
  Add: { ties: 'alike', lower: elementwise() },
  Sub: { ties: 'alike', lower: elementwise() },
  Mul: { ties: 'alike', lower: elementwise() },
  Div: { ties: 'alike', lower: elementwise() },
  Neg: { ties: 'alike', lower: elementwise() },
  Abs: { ties: 'alike', lower: elementwise() },
  Clip: { ties: 'alike', lower: elementwise() },
  Sqrt: { ties: 'alike', lower: elementwise() },
  Exp: { ties: 'alike', lower: elementwise() },
  Log: { ties: 'alike', lower: elementwise() },
  Erf: { ties: 'alike', lower: elementwise() },
  Tanh: { ties: 'alike', lower: elementwise() },
  Sigmoid: { ties: 'alike', lower: elementwise() },
  Softplus: { ties: 'alike', lower: elementwise() },
  Relu: { ties: 'alike', lower: elementwise() },
  ReluGrad: { ties: 'alike', lower: reluGradRule },
  StopGradient: { ties: 'alike', lower: elementwise() },
  Equal: { ties: 'alike', lower: elementwise() },
  Cast: { ties: 'alike', lower: elementwise() },
  OneHot: { ties: 'none', lower: asReference() },
  Histogram: { ties: 'none', lower: inAnyOrder() },
  ArgMax: { ties: 'none', lower: asReference() },
  Reshape: { ties: 'none', lower: reshapeRule },
  Transpose: { ties: 'none', lower: transposeRule },
  Expand: { ties: 'none', lower: expandRule },
  Concat: { ties: 'none', lower: asReference() },
  Slice: { ties: 'none', lower: asReference() },
  ReduceSum: { ties: 'none', lower: reduceRule('ReduceSum') },
  ReduceMean: { ties: 'none', lower: reduceRule('ReduceMean') },
  ReduceMax: { ties: 'none', lower: reduceRule('ReduceMax') },
  MatMul: { ties: 'none', lower: matMulRule },
  LogSoftmax: { ties: 'none', lower: asReference() },
  Conv: { ties: { reads: ['images', 'weight'], makes: 'images' }, lower: convRule },
  ConvInputGrad: { ties: { reads: ['images', 'weight'], makes: 'images' }, lower: convInputGradRule },
  ConvWeightGrad: { ties: { reads: ['images', 'images'], makes: 'weight' }, lower: convWeightGradRule },
  MaxPool: { ties: 'none', lower: maxPoolRule },
  MaxPoolGrad: { ties: 'none', lower: maxPoolGradRule },
  MaxPoolSelect: { ties: 'none', lower: maxPoolSelectRule },
  BatchNormalization: { ties: 'alike', lower: batchNormalizationRule },
  BatchNormalizationGrad: { ties: 'alike', lower: batchNormalizationGradRule },
};
