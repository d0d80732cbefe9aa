/** @file Means over a whole data set: batch by batch, each example counted once. */

import { outputOf, type Program, type Tensors } from '../runtime/device.ts';
import type { TensorData } from '../runtime/tensor-data.ts';

/** What an evaluation is fed at once. */
export interface EvaluationBatch {
  readonly feeds: Tensors;
  /** How many of its examples count, from the first: the last batch of a data set is filled up. */
  readonly size: number;
}

/** @param program - gives values [N], one per example, by name */
export async function meansOverExamples(
  program: Program,
  batches: Iterable<EvaluationBatch>,
): Promise<Readonly<Record<string, number>>> {
  const sums = new Map<string, number>();
  let count = 0;
  for (const { feeds, size } of batches) {
    const outputs = await program.run(feeds);
    for (const name of Object.keys(outputs)) {
      sums.set(name, (sums.get(name) ?? 0) + sumOfFirst(outputOf(outputs, name), size));
    }
    count += size;
  }
  return Object.fromEntries([...sums].map(([name, sum]) => [name, sum / count]));
}

function sumOfFirst(values: TensorData, size: number): number {
  let sum = 0;
  for (const value of values.subarray(0, size)) sum += Number(value);
  return sum;
}
