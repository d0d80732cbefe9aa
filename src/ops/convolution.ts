/** @file What the three convolution ops share: output sizes, and a form in slices and MatMul for float64. */

import { ShapeError } from '../errors.ts';
import type { ConvAttributes } from '../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import { elementCount, fourSizes, type Shape, sizeAt, type TensorType } from '../graph/tensor-type.ts';

/**
 * N images of C channels and H × W pixels; K filters of R × S taps; results of P × Q pixels; G groups, each of C/G channels
 * in and K/G out. A weight is [K, C/G, R, S].
 */
export interface ConvSizes {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly K: number;
  readonly R: number;
  readonly S: number;
  readonly P: number;
  readonly Q: number;
  readonly G: number;
  /** Pixels from one tap to the next, [rows, columns]. */
  readonly dilations: readonly [number, number];
}

/**
 * All sizes of a convolution of x [N, C, H, W] with w [K, C/G, R, S].
 * @throws {ShapeError} where ranks, channels, groups or strides do not fit, or a window is larger than the padded image.
 */
export function convSizes(x: Shape, w: Shape, attrs: ConvAttributes): ConvSizes {
  if (x.length !== 4 || w.length !== 4) {
    throw new ShapeError(
      `Conv takes images [N,C,H,W] and weights [K,C,R,S], got [${x.join(',')}] and [${w.join(',')}]`,
    );
  }
  const [N, C, H, W] = fourSizes(x);
  const [K, channels, R, S] = fourSizes(w);
  const { strides, pads, dilations = [1, 1], group: G = 1 } = attrs;
  requireGroups(G, C, channels, K);
  const isCount = (size: number): boolean => Number.isInteger(size) && size >= 1;
  if (!strides.every(isCount) || pads.some((p) => !Number.isInteger(p) || p < 0)) {
    throw new ShapeError(
      `Strides must be at least 1 and pads at least 0, got [${strides.join()}] and [${pads.join()}]`,
    );
  }
  if (!dilations.every(isCount)) throw new ShapeError(`Dilations must be at least 1, got [${dilations.join()}]`);
  const P = Math.floor((H + pads[0] + pads[2] - reach(R, dilations[0])) / strides[0]) + 1;
  const Q = Math.floor((W + pads[1] + pads[3] - reach(S, dilations[1])) / strides[1]) + 1;
  if (P < 1 || Q < 1) {
    const dilated = dilations.every((d) => d === 1) ? '' : ` dilated by ${dilations.join('×')}`;
    throw new ShapeError(
      `A ${R}×${S} window${dilated} must fit the padded image, got ${H}×${W} with pads [${pads.join()}]`,
    );
  }
  return { N, C, H, W, K, R, S, P, Q, G, dilations };
}

/** Throws unless C channels in and K out can be cut in G groups, in which weights have `channels` channels. */
function requireGroups(G: number, C: number, channels: number, K: number): void {
  if (!Number.isInteger(G) || G < 1 || C % G !== 0 || K % G !== 0) {
    throw new ShapeError(`Groups must divide the channels in and out, got group = ${G} for ${C} in and ${K} out`);
  }
  if (G === 1 && C !== channels) {
    throw new ShapeError(`Images and weights must have the same channels, got ${C} and ${channels}`);
  }
  if (C !== G * channels) {
    throw new ShapeError(
      `Weights must have as many channels as a group of the images, got ${channels} for ${C} in ${G} groups`,
    );
  }
}

/** How many pixels a row of taps spans. */
export function reach(taps: number, dilation: number): number {
  return (taps - 1) * dilation + 1;
}

/** What the three convolution ops have in common, with what says nothing left out: it is handed from one to another. */
export function sharedAttributes({ strides, pads, dilations = [1, 1], group = 1 }: ConvAttributes): ConvAttributes {
  return {
    strides,
    pads,
    ...(dilations.some((d) => d !== 1) && { dilations }),
    ...(group !== 1 && { group }),
  };
}

/** Throws unless a gradient has the shape of the convolution's result. */
export function requireResultShape(g: TensorType, { N, K, P, Q }: ConvSizes): void {
  if (g.shape.join() !== [N, K, P, Q].join()) {
    throw new ShapeError(`The gradient must be [${[N, K, P, Q].join()}] like the result, got [${g.shape.join()}]`);
  }
}

/** x with zeros around it: [N, C, H + pads, W + pads]. */
export function padImages(b: PhysicalBuilder, x: PhysicalValue, pads: ConvAttributes['pads']): PhysicalValue {
  if (pads.every((pad) => pad === 0)) return x;
  const [top, left, bottom, right] = pads;
  const [N, C, H, W] = fourSizes(x.shape);
  const amounts = b.ints([0, 0, top, left, 0, 0, bottom, right]);
  return b.emit('Pad', [x, amounts], {}, [N, C, H + top + bottom, W + left + right]);
}

/**
 * The pixels that tap (r, s) meets, as a matrix [C, N·P·Q]: one Slice of the padded images, channels first.
 */
export function tapMatrix(
  b: PhysicalBuilder,
  padded: PhysicalValue,
  sizes: ConvSizes,
  strides: readonly [number, number],
  tap: readonly [number, number],
): PhysicalValue {
  const { N, C, P, Q, dilations } = sizes;
  const [r, s] = [tap[0] * dilations[0], tap[1] * dilations[1]];
  const slice = b.emit(
    'Slice',
    [
      padded,
      b.ints([r, s]),
      b.ints([r + (P - 1) * strides[0] + 1, s + (Q - 1) * strides[1] + 1]),
      b.ints([2, 3]),
      b.ints(strides),
    ],
    {},
    [N, C, P, Q],
  );
  return channelsFirst(b, slice, C, N * P * Q);
}

/** [N, K, P, Q] as the matrix [K, N·P·Q]. */
export function channelsFirst(b: PhysicalBuilder, x: PhysicalValue, channels: number, pixels: number): PhysicalValue {
  const [N, K, P, Q] = fourSizes(x.shape);
  const moved = b.emit('Transpose', [x], { perm: [1, 0, 2, 3] }, [K, N, P, Q]);
  return b.emit('Reshape', [moved, b.ints([channels, pixels])], {}, [channels, pixels]);
}

/** All taps of a kernel, row by row. */
export function taps({ R, S }: { readonly R: number; readonly S: number }): readonly (readonly [number, number])[] {
  return Array.from({ length: R * S }, (_, i) => [Math.floor(i / S), i % S] as const);
}

/** A matrix [G · A, B] as one for each of G groups, [G, A, B]; of one group as it is. */
export function perGroup(b: PhysicalBuilder, x: PhysicalValue, G: number): PhysicalValue {
  if (G === 1) return x;
  const [rows, columns] = [sizeAt(x.shape, 0), sizeAt(x.shape, 1)];
  const shape = [G, rows / G, columns];
  return b.emit('Reshape', [x, b.ints(shape)], {}, shape);
}

/** Products X Y of matrices, or of one for each group, which then lie one below the other. */
export function groupProducts(b: PhysicalBuilder, x: PhysicalValue, y: PhysicalValue): PhysicalValue {
  const [rows, columns] = [x.shape.slice(0, -1), sizeAt(y.shape, y.shape.length - 1)];
  const product = b.emit('MatMul', [x, y], {}, [...rows, columns]);
  if (rows.length === 1) return product;
  const stacked = [elementCount(rows), columns];
  return b.emit('Reshape', [product, b.ints(stacked)], {}, stacked);
}

/** Matrices with rows and columns swapped. */
export function swapped(b: PhysicalBuilder, x: PhysicalValue): PhysicalValue {
  const axes = x.shape.map((_, axis) => axis);
  const perm = [...axes.slice(0, -2), ...axes.slice(-2).toReversed()];
  return b.emit(
    'Transpose',
    [x],
    { perm },
    perm.map((axis) => sizeAt(x.shape, axis)),
  );
}

/** Weight [K, C, R, S] → its tap (r, s) as the matrix [K, C]. */
export function tapWeight(b: PhysicalBuilder, w: PhysicalValue, [r, s]: readonly [number, number]): PhysicalValue {
  const [K, C] = fourSizes(w.shape);
  const slice = b.emit('Slice', [w, b.ints([r, s]), b.ints([r + 1, s + 1]), b.ints([2, 3])], {}, [K, C, 1, 1]);
  return b.emit('Reshape', [slice, b.ints([K, C])], {}, [K, C]);
}

/** Adds up terms; a sum of one is the term itself. */
export function sumOf(b: PhysicalBuilder, terms: readonly PhysicalValue[]): PhysicalValue {
  return terms.reduce((sum, term) => b.emit('Add', [sum, term], {}, term.shape));
}
