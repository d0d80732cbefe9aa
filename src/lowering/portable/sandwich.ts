/** @file Constant matrices applied to the two leading axes of a tensor: all that a Winograd transform is. */

import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import { memoised } from '../../math/memoised.ts';
import { matMul, reshape } from './emit.ts';
import { kronecker, type Matrix } from './winograd-matrices.ts';

/** Up to this many entries of left ⊗ right, one product with it is cheaper than two with its factors. */
const KRONECKER_LIMIT = 600;

/** A matrix whose rows, in as many equal blocks as given, each meet few of its columns. */
export interface Banded {
  readonly matrix: Matrix;
  readonly blocks: number;
}

/** Σ_{h,w} left[p,h] · right[q,w] · x[h,w,…]: [H, W, …] → [P, Q, …]. */
export function sandwich(b: PhysicalBuilder, left: Banded, right: Banded, x: PhysicalValue): PhysicalValue {
  const [H, W] = [sizeAt(x.shape, 0), sizeAt(x.shape, 1)];
  const rest = x.shape.slice(2);
  const columns = elementCount(rest);
  const [P, Q] = [left.matrix.length, right.matrix.length];
  if (isIdentity(left.matrix) && isIdentity(right.matrix)) return x;
  if (P * Q * H * W <= KRONECKER_LIMIT) {
    const both = matMul(b, constant(b, kronecker(left.matrix, right.matrix)), reshape(b, x, [H * W, columns]));
    return reshape(b, both, [P, Q, ...rest]);
  }
  const rows = alongMiddle(b, left, reshape(b, x, [1, H, W * columns]));
  const whole = alongMiddle(b, right, reshape(b, rows, [P, W, columns]));
  return reshape(b, whole, [P, Q, ...rest]);
}

/** Σ_h matrix[p,h] · x[a,h,c]: block by block, each with the run of pixels that it meets. */
function alongMiddle(b: PhysicalBuilder, { matrix, blocks }: Banded, x: PhysicalValue): PhysicalValue {
  const [A, H, C] = x.shape as readonly [number, number, number];
  if (blocks === 1) {
    const only = A === 1 ? reshape(b, x, [H, C]) : x;
    return matMul(b, constant(b, matrix), only);
  }
  const { starts, width } = runs(matrix, blocks);
  const parts = matrix.map((row, p) => {
    const start = sizeAt(starts, Math.floor((p * blocks) / matrix.length));
    return row.slice(start, start + width);
  });
  const height = matrix.length / blocks;
  const pixels = starts.every((start, i) => start === i * width)
    ? reshape(b, x, [A, blocks, width, C])
    : gather(
        b,
        x,
        starts.map((start) => Array.from({ length: width }, (_, i) => start + i)),
      );
  return matMul(b, b.constant(parts.flat(), [blocks, height, width], 'float32'), pixels);
}

/** Where the columns begin that the rows of each block meet, and the least width that holds those of any. */
function runs(matrix: Matrix, blocks: number): { readonly starts: readonly number[]; readonly width: number } {
  const height = matrix.length / blocks;
  const length = matrix[0]?.length ?? 0;
  const met = Array.from({ length: blocks }, (_, block) => {
    const rows = matrix.slice(block * height, (block + 1) * height);
    const columns = Array.from({ length }, (_column, j) => j).filter((j) => rows.some((row) => row[j] !== 0));
    return [columns[0] ?? 0, (columns.at(-1) ?? 0) + 1] as const;
  });
  const width = Math.max(...met.map(([start, end]) => end - start));
  return { starts: met.map(([start]) => Math.min(start, length - width)), width };
}

/** x [A, H, C] at rows [B, R] of its middle axis: [A, B, R, C]. */
function gather(b: PhysicalBuilder, x: PhysicalValue, indices: readonly (readonly number[])[]): PhysicalValue {
  const [A, , C] = x.shape as readonly [number, number, number];
  const shape = [indices.length, indices[0]?.length ?? 0];
  return b.emit('Gather', [x, b.constant(indices.flat(), shape, 'int64')], { axis: 1 }, [A, ...shape, C]);
}

function isIdentity(m: Matrix): boolean {
  return m.every((row, i) => row.length === m.length && row.every((entry, j) => entry === Number(i === j)));
}

function constant(b: PhysicalBuilder, rows: Matrix): PhysicalValue {
  return constantsOf(b)(rows);
}

const constantsOf = memoised((b: PhysicalBuilder) =>
  memoised((rows: Matrix) => b.constant(rows.flat(), [rows.length, rows[0]?.length ?? 0], 'float32')),
);
