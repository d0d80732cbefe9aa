/**
 * @file Σ and max over all elements of a tensor, and Σ of a product of two. Rows are summed first, and then their sums:
 * short sums round less than long ones, and rows are shared out among threads.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { identity } from '../../graph/stored-layout.ts';
import { binary, fusedMatMul, reduce, reshape } from './emit.ts';

/** Fewer elements are not worth the rows. */
const LEAST_ELEMENTS = 4096;
/** Elements per row: longer ones round more, shorter ones spend their time in being called. */
const LONGEST_ROW = 8192;
const SHORTEST_ROW = 512;

/** Σ x or max x over all elements: a scalar. */
export function total(b: PhysicalBuilder, op: 'ReduceSum' | 'ReduceMax', x: PhysicalValue): PhysicalValue {
  const count = elementCount(x.shape);
  const length = rowLength(count);
  if (length === count) return reduce(b, op, x, identity(x.shape.length));
  return reduce(b, op, reduce(b, op, reshape(b, x, [count / length, length]), [1]), [0]);
}

/** Σ x · y over all elements of two tensors that lie alike, without making the products: a scalar. */
export function innerProduct(b: PhysicalBuilder, x: PhysicalValue, y: PhysicalValue): PhysicalValue {
  const count = elementCount(x.shape);
  const length = rowLength(count);
  if (length === count) return total(b, 'ReduceSum', binary(b, 'Mul', x, y));
  const rows = [count / length, 1, length];
  const left = reshape(b, x, rows);
  const right = x === y ? left : reshape(b, y, rows);
  return total(b, 'ReduceSum', fusedMatMul(b, left, right, { transB: true }));
}

/** The longest row that divides the elements evenly; all of them in one where there is none of a useful length. */
function rowLength(count: number): number {
  if (count < LEAST_ELEMENTS) return count;
  for (let length = LONGEST_ROW; length >= SHORTEST_ROW; length--) if (count % length === 0) return length;
  return count;
}
