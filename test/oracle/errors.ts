/**
 * @file How far results lie from PyTorch's. For a tensor that is stored whole, max |difference| / max |reference|.
 *
 * For a large one, the larger of two numbers. (a) The same quotient over sampled entries, with the maximum of the whole
 * reference below: the definition itself on a random part. (b) For K random sign vectors s, the root mean square of
 * ⟨s, difference⟩ over ‖reference‖₂. Since E⟨s, e⟩² = ‖e‖₂², this estimates ‖difference‖₂ / ‖reference‖₂ over all
 * entries. It compares with (a) as an error spread over the tensor like the reference itself has the same value in
 * both; a single wrong entry of the size of the maximum gives max |reference| / ‖reference‖₂, far above any tolerance here.
 */

import { createStream } from '../../src/math/random.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { type GoldenTensor, isSampled, largest, numbers } from './golden.ts';

/**
 * The error of one tensor.
 * @param seed - of the golden file: keys the places and signs.
 * @param scale - divides in place of max |reference|, for tensors that are zero in theory.
 */
export function tensorError(
  name: string,
  actual: TensorData,
  golden: GoldenTensor,
  seed: number,
  scale?: number,
): number {
  if (!isSampled(golden)) {
    const expected = numbers(golden);
    return maxDifference(actual, expected) / (scale ?? largest(expected));
  }
  const expected = numbers(golden.samples);
  const places = createStream({ seed, purpose: 'probe', layer: `samples/${name}` });
  const samples = Float64Array.from(expected, () => Number(actual[places.integer(actual.length)]));
  const projected = projections(name, actual, numbers(golden.projections).length, seed);
  const squares = numbers(golden.projections).map((p, k) => ((projected[k] ?? 0) - p) ** 2);
  const rootMeanSquare = Math.sqrt(squares.reduce((a, b) => a + b) / squares.length);
  return Math.max(maxDifference(samples, expected) / golden.largest, rootMeanSquare / golden.norm);
}

export function relativeError(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.abs(expected);
}

export function mean(data: TensorData): number {
  let sum = 0;
  for (const x of data) sum += Number(x);
  return sum / data.length;
}

/** max |a − b|; infinite where lengths differ or a number is not finite. */
export function maxDifference(actual: TensorData | readonly number[], expected: Float64Array): number {
  if (actual.length !== expected.length) return Infinity;
  let found = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(Number(actual[i]) - (expected[i] as number));
    if (!(difference <= found)) found = Number.isNaN(difference) ? Infinity : difference;
  }
  return found;
}

/** Σ ± entries for `count` sign vectors: bit k of the stream's word i is the sign of entry i in vector k. */
function projections(name: string, data: TensorData, count: number, seed: number): Float64Array {
  const stream = createStream({ seed, purpose: 'probe', layer: `signs/${name}` });
  const sums = new Float64Array(count);
  for (const entry of data) {
    const word = stream.uint32();
    for (let k = 0; k < count; k++) sums[k] = (sums[k] ?? 0) + (1 - 2 * ((word >>> k) & 1)) * Number(entry);
  }
  return sums;
}

/** The errors above a tolerance, which a test expects to be none: so a failure names the tensors at fault. */
export function above(tolerance: number, errors: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(errors).filter(([, error]) => !(error <= tolerance)));
}
