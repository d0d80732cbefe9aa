/**
 * @file Fast convolution along one axis with three taps, as three constant matrices: y = A ((G w) · (B x)), where the
 * product in the middle is elementwise. Padding and partial tiles are columns left out of B and rows left out of A, so
 * an axis of any length is exact.
 */

import { sizeAt } from '../../../graph/tensor-type.ts';
import { memoised } from '../../../math/memoised.ts';
import { wholePower } from '../../../math/power.ts';

/** Rows of numbers. */
export type Matrix = readonly (readonly number[])[];

/** y = output · ((kernel · w) ⊙ (input · x)) for windows of `m` results. */
export interface BilinearAlgorithm {
  /** [a, m + 2]: what a window of x becomes. */
  readonly input: Matrix;
  /** [a, 3]: what the taps become. */
  readonly kernel: Matrix;
  /** [m, a]: results from products. */
  readonly output: Matrix;
}

/**
 * One whole axis, its tiles in equal blocks of neighbours: rows (b, i, t) of `input` and columns (b, i, t) of `output`
 * stand for product i of tile t of block b. Rows of one block then meet only a short run of pixels, and the other way
 * round: the product for the point 0 comes first in its block and the one for infinity last, next to the neighbours'
 * tiles that they alone overlap.
 */
export interface AxisAlgorithm {
  readonly blocks: number;
  readonly products: number;
  /** Per block. */
  readonly tiles: number;
  /** [blocks · products · tiles, length]. */
  readonly input: Matrix;
  /** [products, 3]. */
  readonly kernel: Matrix;
  /** [result length, blocks · products · tiles]. */
  readonly output: Matrix;
}

/**
 * Eight results come of ten pixels, by a matrix that is mostly not zero; the results of a whole long axis come by one
 * that mostly is.
 */
const RESULTS_PER_BLOCK = 8;

/** How an axis is convolved: Winograd's F(4,3) or F(2,3). */
export type WinogradVariant = 'winograd4' | 'winograd2';

/** The finite points; infinity is always one more. For F(4,3), 0, ±1 and ±2 would err twice as much in float32. */
const points: Readonly<Record<WinogradVariant, readonly number[]>> = {
  winograd4: [0, 0.75, -0.75, 1.5, -1.5],
  winograd2: [0, 1, -1],
};

/**
 * Cook–Toom: the product of two polynomials from its values at points, transposed into a correlation.
 * With Mᵢ(x) = Π_{j≠i}(x − pⱼ) and Nᵢ = Mᵢ(pᵢ): input row i holds the coefficients of Mᵢ, kernel row i is pᵢᵏ / Nᵢ,
 * output column i is pᵢᵒ; the last row, for infinity, has those of Π(x − pⱼ), and only the highest power.
 * @param finite - a − 1 distinct points for m + 2 = a results and taps.
 * @see lavin2016
 */
export function cookToom(finite: readonly number[]): BilinearAlgorithm {
  const a = finite.length + 1;
  const m = a - 2;
  const powers = (p: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, k) => wholePower(p, k));
  const highest = (count: number): readonly number[] =>
    Array.from({ length: count }, (_, k) => Number(k === count - 1));
  const others = (i: number): readonly number[] => finite.filter((_, j) => j !== i);
  const scale = finite.map((p, i) => others(i).reduce((product, q) => product * (p - q), 1));
  const values = [...finite.map((p) => powers(p, m)), highest(m)];
  return {
    input: [...finite.map((_, i) => [...polynomial(others(i)), 0]), polynomial(finite)],
    kernel: [...finite.map((p, i) => powers(p, 3).map((power) => power / sizeAt(scale, i))), highest(3)],
    output: transposed(values),
  };
}

/** Coefficients of Π(x − root), lowest first. */
function polynomial(roots: readonly number[]): readonly number[] {
  return roots.reduce<readonly number[]>(
    (coefficients, root) =>
      [...coefficients, 0].map((c, k) => (coefficients[k - 1] ?? 0) - root * (k < coefficients.length ? c : 0)),
    [1],
  );
}

/** One pixel padded by one: only the centre tap meets it. */
const onePixel: AxisAlgorithm = { blocks: 1, products: 1, tiles: 1, input: [[1]], kernel: [[0, 1, 0]], output: [[1]] };

/** Two pixels padded by one, a Toeplitz matrix of the taps: 3 products, all factors 0 and ±1. */
const twoPixels: AxisAlgorithm = {
  blocks: 1,
  products: 3,
  tiles: 1,
  input: [
    [1, 1],
    [0, 1],
    [1, 0],
  ],
  kernel: [
    [0, 1, 0],
    [0, -1, 1],
    [1, -1, 0],
  ],
  output: [
    [1, 1, 0],
    [1, 0, 1],
  ],
};

/** A network has many convolutions of few sizes; matrices that are one object are compared and written once. */
const made = new Map<string, AxisAlgorithm>();

/**
 * The algorithm for an axis of `length` pixels with `before` zeros in front and `results` outputs, stride 1, 3 taps.
 * Notation: tile t makes results t·m … t·m + m − 1 from pixels t·m − before + r.
 */
export function axisAlgorithm(
  variant: WinogradVariant,
  length: number,
  before: number,
  results: number,
): AxisAlgorithm {
  const key = [variant, length, before, results].join();
  const algorithm = made.get(key) ?? makeAxisAlgorithm(variant, length, before, results);
  made.set(key, algorithm);
  return algorithm;
}

function makeAxisAlgorithm(variant: WinogradVariant, length: number, before: number, results: number): AxisAlgorithm {
  const isSame = before === 1 && results === length;
  if (isSame && length === 1) return onePixel;
  if (isSame && length === 2) return twoPixels;
  const { input, kernel, output } = cookToom(points[variant]);
  const products = kernel.length;
  const m = output.length;
  const blocks = isSame && length % RESULTS_PER_BLOCK === 0 ? results / RESULTS_PER_BLOCK : 1;
  const tiles = Math.ceil(results / m / blocks);
  const rows = Array.from({ length: blocks * products * tiles }, (_, s) => {
    const [block, i] = [Math.floor(s / (products * tiles)), Math.floor(s / tiles) % products];
    return [i, block * tiles + (s % tiles)] as const;
  });
  return {
    blocks,
    products,
    tiles,
    input: rows.map(([i, t]) => Array.from({ length }, (_, h) => input[i]?.[h - t * m + before] ?? 0)),
    kernel,
    output: Array.from({ length: results }, (_, h) =>
      rows.map(([i, t]) => (Math.floor(h / m) === t ? (output[h % m]?.[i] ?? 0) : 0)),
    ),
  };
}

export const transposed: (matrix: Matrix) => Matrix = memoised((matrix) =>
  Array.from({ length: matrix[0]?.length ?? 0 }, (_, j) => matrix.map((row) => sizeAt(row, j))),
);

/** The Kronecker product: entry ((p, q), (h, w)) is left[p, h] · right[q, w]. */
export function kronecker(left: Matrix, right: Matrix): Matrix {
  return productsWith(left)(right);
}

const productsWith = memoised((left: Matrix) =>
  memoised((right: Matrix): Matrix => left.flatMap((x) => right.map((y) => x.flatMap((u) => y.map((v) => u * v))))),
);
