/** @file What a problem starts from before any optimiser has a say: parameters and running statistics. */

import type { Problem } from '../problems/problem.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import { initialState } from './initial-state.ts';
import { sgd } from './optimisers/sgd.ts';
import { trainingGraphs } from './training-graphs.ts';

/** Parameters and running statistics by name: drawn from the seed, or, of a network of a file, the file's own numbers. */
export function startOf(
  problem: Problem,
  { batchSize = 2, seed = 0 }: { readonly batchSize?: number; readonly seed?: number } = {},
): Map<string, TensorData> {
  return initialState(trainingGraphs(problem, batchSize, sgd()).step, seed);
}
