/** @file The ONNX nodes that the fast lowerings emit, each with its shape rule, so that formulas stay short. */

import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { broadcastShapes, elementCount, type Shape, sameShape, sizeAt } from '../../graph/tensor-type.ts';

/** The same memory under another shape, once for each; of a value that was reshaped already, its source is taken. */
export function reshape(b: PhysicalBuilder, x: PhysicalValue, shape: Shape): PhysicalValue {
  if (sameShape(x.shape, shape)) return x;
  const made = b.producer(x);
  const [source] = made?.op === 'Reshape' ? made.inputs : [];
  if (source !== undefined) return reshape(b, source, shape);
  return b.shared(x, `Reshape ${shape.join()}`, () => b.emit('Reshape', [x, b.ints(shape)], {}, shape));
}

/** Axis i of the result is axis `perm[i]` of x; axes that stay neighbours are moved as one, which ORT does faster. */
export function transpose(b: PhysicalBuilder, x: PhysicalValue, perm: readonly number[]): PhysicalValue {
  const shape = perm.map((axis) => sizeAt(x.shape, axis));
  const moved = perm.filter((axis) => sizeAt(x.shape, axis) !== 1);
  const runs: number[][] = [];
  for (const axis of moved) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && isNextAxis(x.shape, last, axis)) run.push(axis);
    else runs.push([axis]);
  }
  if (runs.length < 2) return reshape(b, x, shape);
  const size = (run: readonly number[]): number => run.reduce((product, axis) => product * sizeAt(x.shape, axis), 1);
  const stored = runs.toSorted((p, q) => (p[0] ?? 0) - (q[0] ?? 0));
  const merged = reshape(b, x, stored.map(size));
  const order = runs.map((run) => stored.indexOf(run));
  return reshape(b, b.emit('Transpose', [merged], { perm: order }, runs.map(size)), shape);
}

/** Whether only axes of size 1 lie between two axes. */
function isNextAxis(shape: Shape, axis: number, next: number): boolean {
  return next > axis && shape.slice(axis + 1, next).every((size) => size === 1);
}

/** X Y over the last two axes; leading axes broadcast. */
export function matMul(b: PhysicalBuilder, x: PhysicalValue, y: PhysicalValue): PhysicalValue {
  return b.emit('MatMul', [x, y], {}, productShape(x.shape, y.shape));
}

/** As {@link matMul} with the last two axes of either operand swapped, without moving memory. */
export function fusedMatMul(
  b: PhysicalBuilder,
  x: PhysicalValue,
  y: PhysicalValue,
  { transA = false, transB = false }: { readonly transA?: boolean; readonly transB?: boolean },
): PhysicalValue {
  if (!transA && !transB) return matMul(b, x, y);
  const shape = productShape(transA ? swapLast(x.shape) : x.shape, transB ? swapLast(y.shape) : y.shape);
  return b.emit('FusedMatMul', [x, y], { transA: transA ? 1 : 0, transB: transB ? 1 : 0 }, shape, {
    domain: 'com.microsoft',
  });
}

function swapLast(shape: Shape): Shape {
  return [...shape.slice(0, -2), ...shape.slice(-2).toReversed()];
}

function productShape(x: Shape, y: Shape): Shape {
  return [...broadcastShapes(x.slice(0, -2), y.slice(0, -2)), sizeAt(x, x.length - 2), sizeAt(y, y.length - 1)];
}

/** Elements [start, end) along each of the given axes. */
export function slice(
  b: PhysicalBuilder,
  x: PhysicalValue,
  ranges: readonly { readonly axis: number; readonly start: number; readonly end: number }[],
): PhysicalValue {
  const cut = ranges.filter(({ axis, start, end }) => start !== 0 || end !== sizeAt(x.shape, axis));
  if (cut.length === 0) return x;
  const shape = x.shape.map((size, axis) => {
    const range = cut.find((candidate) => candidate.axis === axis);
    return range === undefined ? size : range.end - range.start;
  });
  const bounds = [cut.map(({ start }) => start), cut.map(({ end }) => end), cut.map(({ axis }) => axis)];
  return b.emit('Slice', [x, ...bounds.map((list) => b.ints(list))], {}, shape);
}

/** `count` places along an axis, the first at `start` and each `step` after the one before. */
export function every(
  b: PhysicalBuilder,
  x: PhysicalValue,
  axis: number,
  start: number,
  step: number,
  count: number,
): PhysicalValue {
  if (step === 1) return slice(b, x, [{ axis, start, end: start + count }]);
  const shape: Shape = x.shape.map((size, i) => (i === axis ? count : size));
  const bounds = [[start], [start + (count - 1) * step + 1], [axis], [step]];
  return b.emit('Slice', [x, ...bounds.map((list) => b.ints(list))], {}, shape);
}

/** Zeros, or another value, before and after x along each of its leading axes; negative amounts cut. */
export function padAxes(
  b: PhysicalBuilder,
  x: PhysicalValue,
  before: readonly number[],
  after: readonly number[],
  value = 0,
): PhysicalValue {
  if ([...before, ...after].every((amount) => amount === 0)) return x;
  const rest = x.shape.slice(before.length).map(() => 0);
  const shape = x.shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0));
  const amounts = b.ints([...before, ...rest, ...after, ...rest]);
  return b.emit('Pad', value === 0 ? [x, amounts] : [x, amounts, b.constant([value], [], x.dtype)], {}, shape);
}

export function concat(b: PhysicalBuilder, parts: readonly PhysicalValue[], axis: number): PhysicalValue {
  const [first] = parts;
  if (first === undefined) throw new RangeError('Concat must have at least one part');
  if (parts.length === 1) return first;
  const total = parts.reduce((sum, part) => sum + sizeAt(part.shape, axis), 0);
  return b.emit(
    'Concat',
    parts,
    { axis },
    first.shape.map((size, i) => (i === axis ? total : size)),
  );
}

/** A constant of one number throughout. */
export function filled(b: PhysicalBuilder, value: number, shape: Shape): PhysicalValue {
  const data = Array.from({ length: elementCount(shape) }, () => value);
  return b.constant(data, shape, 'float32');
}

/** An ONNX op on two operands of float32 that broadcast. */
export function binary(
  b: PhysicalBuilder,
  op: 'Add' | 'Sub' | 'Mul' | 'Div',
  x: PhysicalValue,
  y: PhysicalValue | number,
): PhysicalValue {
  const operand = typeof y === 'number' ? b.constant([y], [], 'float32') : y;
  return b.emit(op, [x, operand], {}, broadcastShapes(x.shape, operand.shape));
}

/** Pools leading, middle or trailing axes, which are then gone. */
export function reduce(
  b: PhysicalBuilder,
  op: 'ReduceSum' | 'ReduceMax',
  x: PhysicalValue,
  axes: readonly number[],
): PhysicalValue {
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  const pooled = axes.filter((axis) => sizeAt(x.shape, axis) !== 1);
  return pooled.length === 0 ? reshape(b, x, shape) : b.emit(op, [x, b.ints(axes)], { keepdims: 0 }, shape);
}

/**
 * Heaviside's function: 0 where x < 0, 1 where x > 0, and `atZero` at 0. It is max(0, min(1, 1e30 · x + atZero)), exact
 * for |x| ≥ 1e-30, which ORT computes faster than a comparison.
 */
export function heaviside(b: PhysicalBuilder, x: PhysicalValue, atZero: 0 | 1): PhysicalValue {
  return b.emit('HardSigmoid', [x], { alpha: { float: 1e30 }, beta: { float: atZero } }, x.shape);
}
