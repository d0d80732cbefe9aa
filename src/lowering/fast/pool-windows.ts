/**
 * @file Max pooling of images [H, W, N, C] in windows that may overlap: first the largest of each row of a window, then of
 * those, as for windows side by side. The first maximum of a window, row by row, takes all: both stages keep that order.
 */

import type { PoolWindows } from '../../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../../graph/physical.ts';
import { type DType, type Shape, sizeAt } from '../../graph/tensor-type.ts';
import { reach } from '../../ops/convolution.ts';
import { pooledShape } from '../../ops/pooling.ts';
import { binary, concat, every, heaviside, padAxes, reshape } from './emit.ts';

/** Groups of places along one axis, of which each has a largest. */
interface Stage {
  readonly axis: 0 | 1;
  readonly count: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
}

interface Stages {
  readonly rows: Stage;
  readonly columns: Stage;
  /** Around an image, so that windows meet all of it and end in it: negative amounts cut. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

/** The least of float32: a padded pixel is never larger than any, and the difference of two of them is 0. */
const LEAST = -3.4028234663852886e38;

/** MaxPool: [H, W, N, C] → [P, Q, N, C]. */
export function largestOfWindows(b: PhysicalBuilder, x: PhysicalValue, attrs: PoolWindows): PhysicalValue {
  const stages = stagesOf(x.shape, attrs);
  return largest(b, largest(b, padded(b, x, stages, LEAST), stages.columns), stages.rows);
}

/** MaxPoolGrad: images and gradients [P, Q, N, C] → [H, W, N, C]. */
export function addToMaxima(b: PhysicalBuilder, x: PhysicalValue, g: PhysicalValue, attrs: PoolWindows): PhysicalValue {
  const stages = stagesOf(x.shape, attrs);
  const pixels = padded(b, x, stages, LEAST);
  const perRow = distribute(b, largest(b, pixels, stages.columns), stages.rows, g);
  const perPixel = distribute(b, pixels, stages.columns, cropped(b, perRow, [0], pixels.shape.slice(0, 1)));
  return cropped(b, perPixel, stages.before, x.shape.slice(0, 2));
}

/** So many places of leading axes from the given ones on; zeros beyond the last. */
function cropped(b: PhysicalBuilder, x: PhysicalValue, start: readonly number[], sizes: Shape): PhysicalValue {
  const after = sizes.map((size, axis) => size + sizeAt(start, axis) - sizeAt(x.shape, axis));
  return padAxes(
    b,
    x,
    start.map((place) => -place),
    after,
  );
}

/** MaxPoolSelect: images and v [H, W, N, C] → v at the maxima, [P, Q, N, C]. */
export function valuesAtMaxima(
  b: PhysicalBuilder,
  x: PhysicalValue,
  v: PhysicalValue,
  attrs: PoolWindows,
): PhysicalValue {
  const stages = stagesOf(x.shape, attrs);
  const pixels = padded(b, x, stages, LEAST);
  const perRow = select(b, pixels, stages.columns, padded(b, v, stages, 0));
  return select(b, largest(b, pixels, stages.columns), stages.rows, perRow);
}

function stagesOf(shape: Shape, attrs: PoolWindows): Stages {
  const { kernel, strides, pads, dilations = [1, 1] } = attrs;
  const [H, W, N, C] = shape as readonly [number, number, number, number];
  const [, , P, Q] = pooledShape([N, C, H, W], attrs) as readonly [number, number, number, number];
  const stage = (axis: 0 | 1, count: number): Stage => ({
    axis,
    count,
    taps: kernel[axis],
    stride: strides[axis],
    dilation: dilations[axis],
  });
  const [rows, columns] = [stage(0, P), stage(1, Q)];
  const after = [covered(rows) - H - pads[0], covered(columns) - W - pads[1]] as const;
  return { rows, columns, before: [pads[0], pads[1]], after };
}

/** How many places the groups meet, those between them included. */
function covered({ count, taps, stride, dilation }: Stage): number {
  return (count - 1) * stride + reach(taps, dilation);
}

function padded(b: PhysicalBuilder, x: PhysicalValue, { before, after }: Stages, value: number): PhysicalValue {
  return b.shared(x, `padded ${[...before, ...after, value].join()}`, () => padAxes(b, x, before, after, value));
}

/** Place i of each group. */
function element(
  b: PhysicalBuilder,
  x: PhysicalValue,
  { axis, count, stride, dilation }: Stage,
  i: number,
): PhysicalValue {
  const key = `places ${[axis, count, stride, i * dilation].join()}`;
  return b.shared(x, key, () => every(b, x, axis, i * dilation, stride, count));
}

function elements(b: PhysicalBuilder, x: PhysicalValue, stage: Stage): readonly PhysicalValue[] {
  return Array.from({ length: stage.taps }, (_, i) => element(b, x, stage, i));
}

function largest(b: PhysicalBuilder, x: PhysicalValue, stage: Stage): PhysicalValue {
  return b.shared(x, `largest ${Object.values(stage).join()}`, () =>
    elements(b, x, stage).reduce((top, each) => b.emit('Max', [top, each], {}, top.shape)),
  );
}

/** Per place but the last: 1 where it is the largest of its group, else 0. */
function tops(b: PhysicalBuilder, x: PhysicalValue, stage: Stage): readonly PhysicalValue[] {
  const top = largest(b, x, stage);
  return elements(b, x, stage)
    .slice(0, -1)
    .map((each) => b.shared(each, `is ${top.name}`, () => heaviside(b, binary(b, 'Sub', each, top), 1)));
}

/** g of each group added at its first maximum: what is left after a maximum has taken it is 0. */
function distribute(b: PhysicalBuilder, x: PhysicalValue, stage: Stage, g: PhysicalValue): PhysicalValue {
  let rest = g;
  const parts = tops(b, x, stage).map((isTop) => {
    const part = binary(b, 'Mul', rest, isTop);
    rest = binary(b, 'Sub', rest, part);
    return part;
  });
  return placed(b, [...parts, rest], stage);
}

/**
 * The sum of part i at place i of each group, for every place that groups meet and up to a whole stride. Places that leave the same rest by the stride
 * are added up by themselves, so that nothing is spread by zeros.
 */
function placed(b: PhysicalBuilder, parts: readonly PhysicalValue[], stage: Stage): PhysicalValue {
  const { axis, count, stride, dilation } = stage;
  const length = Math.ceil(covered(stage) / stride);
  const along = (shape: Shape, ...sizes: readonly number[]): Shape => [
    ...shape.slice(0, axis),
    ...sizes,
    ...shape.slice(axis + 1),
  ];
  const none = Array.from({ length: axis }, () => 0);
  const [{ shape, dtype }] = parts as readonly [PhysicalValue];
  const phases = Array.from({ length: stride }, (_, phase) => {
    const terms = parts.flatMap((part, i) => {
      const shift = (i * dilation - phase) / stride;
      return Number.isInteger(shift) ? [padAxes(b, part, [...none, shift], [...none, length - shift - count])] : [];
    });
    const [first, ...others] = terms;
    const sum = others.reduce(
      (total, term) => binary(b, 'Add', total, term),
      first ?? zeros(b, along(shape, length), dtype),
    );
    return reshape(b, sum, along(shape, length, 1));
  });
  return reshape(b, concat(b, phases, axis + 1), along(shape, length * stride));
}

function zeros(b: PhysicalBuilder, shape: Shape, dtype: DType): PhysicalValue {
  return b.emit('Expand', [b.constant([0], [], dtype), b.ints(shape)], {}, shape);
}

/** v at the first maximum of each group. */
function select(b: PhysicalBuilder, x: PhysicalValue, stage: Stage, v: PhysicalValue): PhysicalValue {
  const values = elements(b, v, stage);
  const last = values.at(-1) ?? v;
  return tops(b, x, stage).reduceRight((chosen, isTop, i) => {
    const elsewhere = binary(b, 'Add', b.emit('Neg', [isTop], {}, isTop.shape), 1);
    return binary(b, 'Add', binary(b, 'Mul', isTop, values[i] ?? v), binary(b, 'Mul', elsewhere, chosen));
  }, last);
}
