/**
 * @file Direct convolution of any kernel, stride, padding and dilation, in one group, of images [H, W, N, C] with weights [R, S, C, K]: the
 * pixels that each tap meets side by side (im2col), then one matrix product.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import type { ConvGeometry } from '../convolution-geometry.ts';
import { binary, concat, fusedMatMul, matMul, padAxes, reduce, reshape, slice } from '../emit.ts';

/** Columns are kept if they hold each pixel at most this often; otherwise it is cheaper to make them twice. */
const KEPT_REPEATS = 4;

/** Conv: images [H, W, N, C] and weights [R, S, C, K] → [P, Q, N, K]. */
export function directConv(b: PhysicalBuilder, sizes: ConvGeometry, x: PhysicalValue, w: PhysicalValue): PhysicalValue {
  const { N, C, K, R, S, P, Q } = sizes;
  const columns = reshape(b, imageColumns(b, sizes, x), [P * Q * N, R * S * C]);
  return reshape(b, matMul(b, columns, reshape(b, w, [R * S * C, K])), [P, Q, N, K]);
}

/** ConvWeightGrad: images and gradients [P, Q, N, K] → [R, S, C, K]; one product per row of pixels, then their sum. */
export function directWeightGrad(
  b: PhysicalBuilder,
  sizes: ConvGeometry,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const { N, C, K, R, S, P, Q } = sizes;
  const columns = reshape(b, imageColumns(b, sizes, x), [P, Q * N, R * S * C]);
  const products = fusedMatMul(b, columns, reshape(b, g, [P, Q * N, K]), { transA: true });
  return reshape(b, reduce(b, 'ReduceSum', products, [0]), [R, S, C, K]);
}

/** What each tap meets, [P, Q, N, R · S · C]: kept for the backward pass where a stride makes it small. */
function imageColumns(b: PhysicalBuilder, sizes: ConvGeometry, x: PhysicalValue): PhysicalValue {
  const { R, S, strides, pads, dilations } = sizes;
  const make = (): PhysicalValue => madeColumns(b, sizes, x);
  const repeats = (R * S) / (strides[0] * strides[1]);
  return repeats <= KEPT_REPEATS
    ? b.shared(x, `columns ${[R, S, ...strides, ...pads, ...dilations].join()}`, make)
    : make();
}

function madeColumns(b: PhysicalBuilder, sizes: ConvGeometry, x: PhysicalValue): PhysicalValue {
  const { H, W, R, S, P, Q, strides, pads, dilations } = sizes;
  // Padded to whole strides, so that the pixels of a tap are a plain slice of [rows, stride, columns, stride, …].
  const rows = P + Math.floor(((R - 1) * dilations[0]) / strides[0]);
  const columns = Q + Math.floor(((S - 1) * dilations[1]) / strides[1]);
  const after = [rows * strides[0] - H - pads[0], columns * strides[1] - W - pads[1]] as const;
  const padded = padAxes(b, x, [pads[0], pads[1]], after);
  const rest = x.shape.slice(2);
  const phases = reshape(b, padded, [rows, strides[0], columns, strides[1], ...rest]);
  const taps = Array.from({ length: R * S }, (_, tap) => {
    const [r, s] = [Math.floor(tap / S) * dilations[0], (tap % S) * dilations[1]];
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
  /** How many pixels it has, those beyond the image included that make all phases equally long. */
  readonly length: number;
  /** The taps, and how far from the pixel's own index the gradient lies that each brings in. */
  readonly taps: readonly { readonly tap: number; readonly shift: number }[];
}

/**
 * Along an axis, pixel h = q · stride + phase takes from result p = q + (phase + before − tap · dilation) / stride through
 * every tap for which that is whole.
 */
function inputPhases(
  { H, W, R, S, strides, pads, dilations }: ConvGeometry,
  axis: 0 | 1,
): readonly [Phase, ...Phase[]] {
  const [length, kernel] = axis === 0 ? [H, R] : [W, S];
  const [stride, before, dilation] = [strides[axis], pads[axis], dilations[axis]];
  const taps = Array.from({ length: kernel }, (_, tap) => tap);
  const phase = (residue: number): Phase => ({
    length: Math.ceil(length / stride),
    taps: taps
      .map((tap) => ({ tap, shift: (residue + before - tap * dilation) / stride }))
      .filter(({ shift }) => Number.isInteger(shift)),
  });
  return [phase(0), ...Array.from({ length: stride - 1 }, (_, i) => phase(i + 1))];
}

/** ConvInputGrad: gradients [P, Q, N, K] and weights → [H, W, N, C]; one matrix product per tap. */
export function directInputGrad(
  b: PhysicalBuilder,
  sizes: ConvGeometry,
  g: PhysicalValue,
  w: PhysicalValue,
): PhysicalValue {
  const { N, C, H, W, P, Q, strides } = sizes;
  const rows = inputPhases(sizes, 0);
  const columns = inputPhases(sizes, 1);
  const [before, after] = [
    [leading(rows), leading(columns)],
    [trailing(rows, P), trailing(columns, Q)],
  ] as const;
  const padded = padAxes(b, g, before, after);
  const shifted: Shifted = (down, right) => {
    const isInside = down >= 0 && right >= 0 && down + rows[0].length <= P && right + columns[0].length <= Q;
    const [source, top, left] = isInside ? [g, down, right] : [padded, down + before[0], right + before[1]];
    return slice(b, source, [
      { axis: 0, start: top, end: top + rows[0].length },
      { axis: 1, start: left, end: left + columns[0].length },
    ]);
  };
  const bands = rows.map((row) => {
    const parts = columns.map((column) => phaseGradient(b, sizes, row, column, shifted, w));
    return concat(b, parts, 3);
  });
  const covered = [rows[0].length * strides[0], columns[0].length * strides[1], N, C];
  return slice(b, reshape(b, concat(b, bands, 1), covered), [
    { axis: 0, start: 0, end: H },
    { axis: 1, start: 0, end: W },
  ]);
}

/** The gradients [rows, columns, N, K] of a phase's pixels moved by whole results; zero outside. */
type Shifted = (down: number, right: number) => PhysicalValue;

/** The gradient at the pixels of one phase: [rows, 1, columns, 1, N, C]. */
function phaseGradient(
  b: PhysicalBuilder,
  { N, C, K }: ConvGeometry,
  row: Phase,
  column: Phase,
  shifted: Shifted,
  w: PhysicalValue,
): PhysicalValue {
  const terms = row.taps.flatMap(({ tap: r, shift: down }) =>
    column.taps.map(({ tap: s, shift: right }) => {
      const tap = slice(b, w, [
        { axis: 0, start: r, end: r + 1 },
        { axis: 1, start: s, end: s + 1 },
      ]);
      const gradients = reshape(b, shifted(down, right), [row.length * column.length * N, K]);
      return fusedMatMul(b, gradients, reshape(b, tap, [C, K]), { transB: true });
    }),
  );
  const shape = [row.length, 1, column.length, 1, N, C];
  const [first, ...rest] = terms;
  if (first === undefined) return b.emit('Expand', [b.constant([0], [], w.dtype), b.ints(shape)], {}, shape);
  return reshape(
    b,
    rest.reduce((sum, term) => binary(b, 'Add', sum, term), first),
    shape,
  );
}

/** Zeros in front, so that the smallest shift starts inside. */
function leading(phases: readonly Phase[]): number {
  return Math.max(0, ...phases.flatMap(({ taps }) => taps.map(({ shift }) => -shift)));
}

/** Zeros behind, so that the largest shift ends inside. */
function trailing(phases: readonly Phase[], results: number): number {
  return Math.max(0, ...phases.flatMap(({ taps, length }) => taps.map(({ shift }) => shift + length - results)));
}
