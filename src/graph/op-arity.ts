/**
 * @file How many values each operation takes and gives: written once as numbers, from which the types of rules, nodes
 * and calls are made. What comes from where types do not reach, such as a file, is counted here.
 */

import { counted } from '../counted.ts';
import { ShapeError } from '../errors.ts';
import type { OpName } from './op-attributes.ts';

/** [inputs, outputs] of each op. */
const arity = {
  Add: [2, 1],
  Sub: [2, 1],
  Mul: [2, 1],
  Div: [2, 1],
  Neg: [1, 1],
  Abs: [1, 1],
  Clip: [1, 1],
  Sqrt: [1, 1],
  Exp: [1, 1],
  Log: [1, 1],
  Erf: [1, 1],
  Tanh: [1, 1],
  Sigmoid: [1, 1],
  Softplus: [1, 1],
  Relu: [1, 1],
  ReluGrad: [2, 1],
  StopGradient: [1, 1],
  Equal: [2, 1],
  Cast: [1, 1],
  OneHot: [1, 1],
  Histogram: [2, 1],
  ArgMax: [1, 1],
  Reshape: [1, 1],
  Transpose: [1, 1],
  Expand: [1, 1],
  Concat: ['any', 1],
  Slice: [1, 1],
  ReduceSum: [1, 1],
  ReduceMean: [1, 1],
  ReduceMax: [1, 1],
  MatMul: [2, 1],
  LogSoftmax: [1, 1],
  Conv: [2, 1],
  ConvInputGrad: [2, 1],
  ConvWeightGrad: [2, 1],
  MaxPool: [1, 1],
  MaxPoolGrad: [2, 1],
  MaxPoolSelect: [2, 1],
  BatchNormalization: [3, 3],
  BatchNormalizationGrad: [5, 3],
} as const;

interface Tuples<T> {
  readonly 1: readonly [T];
  readonly 2: readonly [T, T];
  readonly 3: readonly [T, T, T];
  readonly 5: readonly [T, T, T, T, T];
  readonly any: readonly T[];
}

/** One T per input of an op. */
export type Inputs<K extends OpName, T> = Tuples<T>[(typeof arity)[K][0]];

/** One T per output of an op. */
export type Outputs<K extends OpName, T> = Tuples<T>[(typeof arity)[K][1]];

/** A list as one item per input of an op. @throws {ShapeError} for another number of them. */
export function inputsOf<K extends OpName, T>(op: K, list: readonly T[]): Inputs<K, T> {
  const [count] = arity[op];
  if (count !== 'any' && list.length !== count)
    throw new ShapeError(`Expected ${counted(count, 'input')}, got ${list.length}`);
  return list as Inputs<K, T>;
}

/** A list as one item per output of an op. @throws {ShapeError} for another number of them. */
export function outputsOf<K extends OpName, T>(op: K, list: readonly T[]): Outputs<K, T> {
  const [, count] = arity[op];
  if (list.length !== count) throw new ShapeError(`Expected ${counted(count, 'output')}, got ${list.length}`);
  return list as Outputs<K, T>;
}
