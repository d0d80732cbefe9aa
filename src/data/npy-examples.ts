/** @file Examples from two arrays of NumPy's: inputs and labels. */

import { DataError } from '../errors.ts';
import { checkExamples, type Examples } from './examples.ts';
import type { NpyArray } from './npy.ts';

/**
 * x [N, …] and labels [N]. uint8 is taken for pixels; other numbers for what the network is fed. Images whose last axis has
 * 1 or 3 entries, and whose second has not, are taken for [N, H, W, C] and turned.
 * @param classes - default the largest label + 1
 * @param source - for errors and for people
 * @throws {DataError} where they do not fit each other.
 */
export function npyExamples(x: NpyArray, y: NpyArray, source: string, classes?: number): Examples {
  const [count = 0, ...shape] = x.shape;
  if (shape.length === 0) throw new DataError(`X must be [N, …], got [${x.shape.join(', ')}] from ${source}`);
  if (y.shape.length !== 1 || y.shape[0] !== count) {
    throw new DataError(
      `Y must hold one label per example, [${count}], got [${y.shape.join(', ')}] from ${source}; ` +
        'of one-hot rows, save y.argmax(1)',
    );
  }
  const labels = Int32Array.from(y.data);
  const isPixels = x.data instanceof Uint8Array;
  const numbers = x.data instanceof Uint8Array ? x.data : Float32Array.from(x.data);
  const bad = isPixels ? -1 : numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new DataError(`X must be finite, got ${numbers[bad]} at index ${bad} from ${source}`);
  const turned = channelsFirst(numbers, count, shape);
  const largest = labels.reduce((most, label) => Math.max(most, label), 0);
  const examples = { ...turned, labels, count, classes: classes ?? Math.max(2, largest + 1), isPixels, source };
  checkExamples(examples);
  return examples;
}

/** [N, H, W, C] → [N, C, H, W] where C is plainly last. */
function channelsFirst<T extends Uint8Array | Float32Array>(
  x: T,
  count: number,
  shape: readonly number[],
): { readonly x: T; readonly shape: readonly number[] } {
  const [H = 0, W = 0, C = 0] = shape;
  const isFew = (size: number): boolean => size === 1 || size === 3;
  if (shape.length === 2) return { x, shape: [1, ...shape] };
  if (shape.length !== 3 || !isFew(C) || isFew(H)) return { x, shape };
  const turned = x.slice() as T;
  const plane = H * W;
  for (let n = 0; n < count; n++) {
    for (let pixel = 0; pixel < plane; pixel++) {
      for (let c = 0; c < C; c++) turned[(n * C + c) * plane + pixel] = x[(n * plane + pixel) * C + c] as number;
    }
  }
  return { x: turned, shape: [C, H, W] };
}
