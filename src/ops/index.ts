/** @file The table of operations. An op without an entry here does not compile. */

import { absOp } from './abs.ts';
import { addOp } from './add.ts';
import { argMaxOp } from './arg-max.ts';
import { batchNormalizationGradOp } from './batch-normalization-grad.ts';
import { batchNormalizationOp } from './batch-normalization.ts';
import { castOp } from './cast.ts';
import { clipOp } from './clip.ts';
import { concatOp } from './concat.ts';
import { convInputGradOp } from './conv-input-grad.ts';
import { convOp } from './conv.ts';
import { convWeightGradOp } from './conv-weight-grad.ts';
import { divOp } from './div.ts';
import { equalOp } from './equal.ts';
import { erfOp } from './erf.ts';
import { expOp } from './exp.ts';
import { expandOp } from './expand.ts';
import { histogramOp } from './histogram.ts';
import { logOp } from './log.ts';
import { logSoftmaxOp } from './log-softmax.ts';
import { matMulOp } from './mat-mul.ts';
import { maxPoolGradOp } from './max-pool-grad.ts';
import { maxPoolOp } from './max-pool.ts';
import { maxPoolSelectOp } from './max-pool-select.ts';
import { mulOp } from './mul.ts';
import { negOp } from './neg.ts';
import { oneHotOp } from './one-hot.ts';
import type { OpTable } from './op.ts';
import { reduceMaxOp } from './reduce-max.ts';
import { reduceMeanOp } from './reduce-mean.ts';
import { reduceSumOp } from './reduce-sum.ts';
import { reluGradOp } from './relu-grad.ts';
import { reluOp } from './relu.ts';
import { reshapeOp } from './reshape.ts';
import { sigmoidOp } from './sigmoid.ts';
import { sliceOp } from './slice.ts';
import { softplusOp } from './softplus.ts';
import { sqrtOp } from './sqrt.ts';
import { stopGradientOp } from './stop-gradient.ts';
import { subOp } from './sub.ts';
import { tanhOp } from './tanh.ts';
import { transposeOp } from './transpose.ts';

export const ops: OpTable = {
  Add: addOp,
  Sub: subOp,
  Mul: mulOp,
  Div: divOp,
  Neg: negOp,
  Abs: absOp,
  Clip: clipOp,
  Sqrt: sqrtOp,
  Exp: expOp,
  Log: logOp,
  Erf: erfOp,
  Tanh: tanhOp,
  Sigmoid: sigmoidOp,
  Softplus: softplusOp,
  Relu: reluOp,
  ReluGrad: reluGradOp,
  StopGradient: stopGradientOp,
  Equal: equalOp,
  Cast: castOp,
  OneHot: oneHotOp,
  Histogram: histogramOp,
  ArgMax: argMaxOp,
  Reshape: reshapeOp,
  Transpose: transposeOp,
  Expand: expandOp,
  Concat: concatOp,
  Slice: sliceOp,
  ReduceSum: reduceSumOp,
  ReduceMean: reduceMeanOp,
  ReduceMax: reduceMaxOp,
  MatMul: matMulOp,
  LogSoftmax: logSoftmaxOp,
  Conv: convOp,
  ConvInputGrad: convInputGradOp,
  ConvWeightGrad: convWeightGradOp,
  MaxPool: maxPoolOp,
  MaxPoolGrad: maxPoolGradOp,
  MaxPoolSelect: maxPoolSelectOp,
  BatchNormalization: batchNormalizationOp,
  BatchNormalizationGrad: batchNormalizationGradOp,
};
