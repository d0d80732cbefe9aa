/** @file What a node has to do at the very least: bytes to move, and operations. */

import type { PhysicalNode, PhysicalValue } from '../../graph/physical.ts';
import { type DType, elementCount, sizeAt } from '../../graph/tensor-type.ts';

export interface Work {
  /** Of the tensors that it reads and writes, each counted once. */
  readonly bytes: number;
  /** Of products: two per multiplication with addition. All else counts as moving bytes. */
  readonly operations: number;
}

const elementBytes: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, int64: 8, bool: 1 };

/** They hand on what they were given under another shape. */
const views: ReadonlySet<string> = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);
/** Of their first input they read as much as they hand on. */
const selections: ReadonlySet<string> = new Set(['Slice', 'Gather', 'Split']);

/** What a node moves and computes. */
export function workOf(node: PhysicalNode): Work {
  return { bytes: bytesOf(node), operations: operationsOf(node) };
}

function bytesOf({ op, inputs, outputs }: PhysicalNode): number {
  if (views.has(op)) return 0;
  const written = sum(outputs.map(sizeOf));
  const [data, ...others] = new Set(inputs);
  const read = data === undefined ? 0 : sizeOf(data);
  return written + (selections.has(op) ? Math.min(read, written) : read) + sum(others.map(sizeOf));
}

function operationsOf({ op, inputs, outputs, attrs }: PhysicalNode): number {
  const [x, w] = inputs;
  const [y] = outputs;
  if (x === undefined || w === undefined || y === undefined) return 0;
  const sizes = { x: elementCount(x.shape), w: elementCount(w.shape), y: elementCount(y.shape) };
  switch (op) {
    case 'MatMul':
    case 'FusedMatMul':
    case 'Gemm':
      return 2 * sizes.y * sizeAt(x.shape, summedAxis(x.shape.length, attrs));
    case 'Conv':
      return (2 * sizes.y * sizes.w) / sizeAt(y.shape, 1);
    case 'ConvTranspose':
      return (2 * sizes.x * sizes.w) / sizeAt(x.shape, 1);
    default:
      return 0;
  }
}

/** The axis of a product's first factor over which it sums. */
function summedAxis(rank: number, { transA, transBatchA }: PhysicalNode['attrs']): number {
  if (transA !== 1) return rank - 1;
  return transBatchA === 1 ? 0 : rank - 2;
}

function sizeOf({ dtype, shape }: PhysicalValue): number {
  return elementBytes[dtype] * elementCount(shape);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
