/** @file Constant matrices applied to the two leading axes of a tensor: all that a Winograd transform is. */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import { elementCount, sizeAt } from '../../../graph/tensor-type.ts';
import { memoised } from '../../../math/memoised.ts';
import { matMul, reshape } from '../emit.ts';
import { kronecker, type Matrix } from './matrices.ts';

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
  if (blocks === 1) return matMul(b, constant(b, matrix), A === 1 ? reshape(b, x, [H, C]) : x);
  const bands = bandsOf(matrix, blocks);
  const { starts, width } = bands;
  const pixels = starts.every((start, i) => start === i * width)
    ? reshape(b, x, [A, blocks, width, C])
    : gather(b, x, starts, width);
  return matMul(b, factorsOf(b)(bands), pixels);
}

/** Of each block of rows the columns that it meets, in runs of one width. */
interface Bands {
  readonly starts: readonly number[];
  readonly width: number;
  /** The rows of the matrix, each cut to the run of its block. */
  readonly parts: Matrix;
}

function bandsOf(matrix: Matrix, blocks: number): Bands {
  const made = bandsByCount(matrix);
  const bands = made.get(blocks) ?? cutBands(matrix, blocks);
  made.set(blocks, bands);
  return bands;
}

const bandsByCount = memoised<Matrix, Map<number, Bands>>(() => new Map());

function cutBands(matrix: Matrix, blocks: number): Bands {
  const height = matrix.length / blocks;
  const length = matrix[0]?.length ?? 0;
  const met = Array.from({ length: blocks }, (_, block) => {
    const rows = matrix.slice(block * height, (block + 1) * height);
    const columns = Array.from({ length }, (_column, j) => j).filter((j) => rows.some((row) => row[j] !== 0));
    return [columns[0] ?? 0, (columns.at(-1) ?? 0) + 1] as const;
  });
  const width = Math.max(...met.map(([start, end]) => end - start));
  const starts = met.map(([start]) => Math.min(start, length - width));
  const parts = matrix.map((row, p) => {
    const start = sizeAt(starts, Math.floor(p / height));
    return row.slice(start, start + width);
  });
  return { starts, width, parts };
}

/** Runs of x [A, H, C] along its middle axis: [A, runs, width, C]. */
function gather(b: PhysicalBuilder, x: PhysicalValue, starts: readonly number[], width: number): PhysicalValue {
  const [A, , C] = x.shape as readonly [number, number, number];
  const indices = starts.flatMap((start) => Array.from({ length: width }, (_, i) => start + i));
  const rows = b.constant(indices, [starts.length, width], 'int64');
  return b.emit('Gather', [x, rows], { axis: 1 }, [A, starts.length, width, C]);
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

/** [blocks, rows, width]. */
const factorsOf = memoised((b: PhysicalBuilder) =>
  memoised(({ starts, width, parts }: Bands) =>
    b.constant(parts.flat(), [starts.length, parts.length / starts.length, width], 'float32'),
  ),
);
