/** @file Constant matrices applied to the two leading axes of a tensor: all that a Winograd transform is. */

import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import { memoised } from '../../math/memoised.ts';
import { matMul, reshape } from './emit.ts';
import { kronecker, type Matrix } from './winograd-matrices.ts';

/** Up to this many entries of left ⊗ right, one product with it is cheaper than two with its factors. */
const KRONECKER_LIMIT = 600;

/** Σ_{h,w} left[p,h] · right[q,w] · x[h,w,…]: [H, W, …] → [P, Q, …]. */
export function sandwich(b: PhysicalBuilder, left: Matrix, right: Matrix, x: PhysicalValue): PhysicalValue {
  const [H, W] = [sizeAt(x.shape, 0), sizeAt(x.shape, 1)];
  const rest = x.shape.slice(2);
  const columns = elementCount(rest);
  const [P, Q] = [left.length, right.length];
  if (isIdentity(left) && isIdentity(right)) return x;
  if (P * Q * H * W <= KRONECKER_LIMIT) {
    const both = matMul(b, matrix(b, kronecker(left, right)), reshape(b, x, [H * W, columns]));
    return reshape(b, both, [P, Q, ...rest]);
  }
  const rows = matMul(b, matrix(b, left), reshape(b, x, [H, W * columns]));
  const whole = matMul(b, matrix(b, right), reshape(b, rows, [P, W, columns]));
  return reshape(b, whole, [P, Q, ...rest]);
}

function isIdentity(m: Matrix): boolean {
  return m.every((row, i) => row.length === m.length && row.every((entry, j) => entry === Number(i === j)));
}

function matrix(b: PhysicalBuilder, rows: Matrix): PhysicalValue {
  return constantsOf(b)(rows);
}

const constantsOf = memoised((b: PhysicalBuilder) =>
  memoised((rows: Matrix) => b.constant(rows.flat(), [rows.length, rows[0]?.length ?? 0], 'float32')),
);
