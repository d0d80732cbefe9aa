/**
 * @file Direct convolution of any kernel, stride and padding, of images [H, W, N, C] with weights [R, S, C, K]: the
 * pixels that each tap meets side by side (im2col), then one matrix product.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import type { ConvSizes } from './convolution-sizes.ts';
import type { PortableContext } from './context.ts';
import { concat, fusedMatMul, matMul, padAxes, reduce, reshape, slice, transpose } from './emit.ts';

/** Columns are kept if they hold each pixel at most this often; otherwise it is cheaper to make them twice. */
const KEPT_REPEATS = 4;

/** Conv: images [H, W, N, C] and weights [R, S, C, K] → [P, Q, N, K]. */
export function directConv(c: PortableContext, sizes: ConvSizes, x: PhysicalValue, w: PhysicalValue): PhysicalValue {
  const { b } = c;
  const { N, C, K, R, S, P, Q } = sizes;
  const columns = reshape(b, imageColumns(c, sizes, x), [P * Q * N, R * S * C]);
  return reshape(b, matMul(b, columns, reshape(b, w, [R * S * C, K])), [P, Q, N, K]);
}

/** ConvWeightGrad: images and gradients [P, Q, N, K] → [R, S, C, K]; one product per row of pixels, then their sum. */
export function directWeightGrad(
  c: PortableContext,
  sizes: ConvSizes,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const { b } = c;
  const { N, C, K, R, S, P, Q } = sizes;
  const columns = reshape(b, imageColumns(c, sizes, x), [P, Q * N, R * S * C]);
  const products = fusedMatMul(b, columns, reshape(b, g, [P, Q * N, K]), { transA: true });
  return reshape(b, reduce(b, 'ReduceSum', products, [0]), [R, S, C, K]);
}

/** What each tap meets, [P, Q, N, R · S · C]: kept for the backward pass where a stride makes it small. */
function imageColumns(c: PortableContext, sizes: ConvSizes, x: PhysicalValue): PhysicalValue {
  const { R, S, strides, pads } = sizes;
  const make = (): PhysicalValue => madeColumns(c.b, sizes, x);
  const repeats = (R * S) / (strides[0] * strides[1]);
  return repeats <= KEPT_REPEATS ? c.shared(x, `columns ${[R, S, ...strides, ...pads].join()}`, make) : make();
}

function madeColumns(b: PhysicalBuilder, sizes: ConvSizes, x: PhysicalValue): PhysicalValue {
  const { H, W, R, S, P, Q, strides, pads } = sizes;
  // Padded to whole strides, so that the pixels of a tap are a plain slice of [rows, stride, columns, stride, …].
  const rows = P + Math.floor((R - 1) / strides[0]);
  const columns = Q + Math.floor((S - 1) / strides[1]);
  const after = [rows * strides[0] - H - pads[0], columns * strides[1] - W - pads[1]] as const;
  const padded = padAxes(b, x, [pads[0], pads[1]], after);
  const rest = x.shape.slice(2);
  const phases = reshape(b, padded, [rows, strides[0], columns, strides[1], ...rest]);
  const taps = Array.from({ length: R * S }, (_, tap) => [Math.floor(tap / S), tap % S] as const).map(([r, s]) => {
    const [row, column] = [Math.floor(r / strides[0]), Math.floor(s / strides[1])];
    const [rowPhase, columnPhase] = [r % strides[0], s % strides[1]];
    const pixels = slice(b, phases, [
      { axis: 0, start: row, end: row + P },
      { axis: 1, start: rowPhase, end: rowPhase + 1 },
      { axis: 2, start: column, end: column + Q },
      { axis: 3, start: columnPhase, end: columnPhase + 1 },
    ]);
    return reshape(b, pixels, [P, Q, ...rest]);
  });
  return concat(b, taps, 3);
}

/** One residue of the rows (or columns) of the input modulo the stride, and the taps that reach it. */
interface Phase {
  /** How many pixels have this residue. */
  readonly length: number;
  /** The taps, and how far from the pixel's own index the gradient lies that each brings in. */
  readonly taps: readonly { readonly tap: number; readonly shift: number }[];
}

/**
 * Pixel h = q · stride + phase takes from result p = q + (phase + before − tap) / stride through every tap for which
 * that is whole. All phases are given the length of the first, and what is too long is cut off at the end.
 */
function inputPhases(length: number, kernel: number, stride: number, before: number): readonly Phase[] {
  return Array.from({ length: stride }, (_, phase) => ({
    length: Math.ceil(length / stride),
    taps: Array.from({ length: kernel }, (_, tap) => ({ tap, shift: (phase + before - tap) / stride })).filter(
      ({ shift }) => Number.isInteger(shift),
    ),
  }));
}

/** ConvInputGrad: gradients [P, Q, N, K] and weights → [H, W, N, C]; one matrix product per phase of the stride. */
export function directInputGrad(
  b: PhysicalBuilder,
  sizes: ConvSizes,
  g: PhysicalValue,
  w: PhysicalValue,
): PhysicalValue {
  const { N, C, H, W, R, S, strides, pads } = sizes;
  const rowPhases = inputPhases(H, R, strides[0], pads[0]);
  const columnPhases = inputPhases(W, S, strides[1], pads[1]);
  const weights = transpose(b, w, [0, 1, 3, 2]); // [R, S, K, C]
  const rows = rowPhases.map((row) =>
    concat(
      b,
      columnPhases.map((column) => phaseGradient(b, sizes, row, column, g, weights)),
      3,
    ),
  );
  const [height, width] = [Math.ceil(H / strides[0]) * strides[0], Math.ceil(W / strides[1]) * strides[1]];
  const whole = reshape(b, concat(b, rows, 1), [height, width, N, C]);
  return slice(b, whole, [
    { axis: 0, start: 0, end: H },
    { axis: 1, start: 0, end: W },
  ]);
}

/** The gradient at the pixels of one phase: [rows, 1, columns, 1, N, C]. */
function phaseGradient(
  b: PhysicalBuilder,
  { N, C, K, P, Q, strides }: ConvSizes,
  row: Phase,
  column: Phase,
  g: PhysicalValue,
  weights: PhysicalValue,
): PhysicalValue {
  const pixels = row.length * column.length * N;
  const shape = [row.length, 1, column.length, 1, N, C];
  const count = row.taps.length * column.taps.length;
  if (count === 0) return b.emit('Expand', [b.constant([0], [], g.dtype), b.ints(shape)], {}, shape);
  const before = [leading(row), leading(column)] as const;
  const after = [trailing(row, P), trailing(column, Q)] as const;
  const padded = padAxes(b, g, before, after);
  const columns = concat(
    b,
    row.taps.flatMap(({ shift: down }) =>
      column.taps.map(({ shift: right }) =>
        slice(b, padded, [
          { axis: 0, start: down + before[0], end: down + before[0] + row.length },
          { axis: 1, start: right + before[1], end: right + before[1] + column.length },
        ]),
      ),
    ),
    3,
  );
  const matrix = reshape(b, slice(b, weights, [tapRange(0, row, strides[0]), tapRange(1, column, strides[1])]), [
    count * K,
    C,
  ]);
  return reshape(b, matMul(b, reshape(b, columns, [pixels, count * K]), matrix), shape);
}

/** Zeros in front, so that the smallest shift starts inside. */
function leading({ taps }: Phase): number {
  return Math.max(0, ...taps.map(({ shift }) => -shift));
}

/** Zeros behind, so that the largest shift ends inside. */
function trailing({ taps, length }: Phase, results: number): number {
  return Math.max(0, ...taps.map(({ shift }) => shift + length - results));
}

/** The taps of a phase, one stride apart. */
function tapRange(
  axis: number,
  { taps }: Phase,
  stride: number,
): { readonly axis: number; readonly start: number; readonly end: number; readonly step: number } {
  const start = Math.min(...taps.map(({ tap }) => tap));
  return { axis, start, end: start + (taps.length - 1) * stride + 1, step: taps.length === 1 ? 1 : stride };
}
