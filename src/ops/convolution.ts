/** @file What the three convolution ops share: output sizes, and a form in slices and MatMul for float64. */

import { ShapeError } from '../errors.ts';
import type { ConvAttributes } from '../graph/op-attributes.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import { fourSizes, type Shape, type TensorType } from '../graph/tensor-type.ts';

/** N images of C channels and H × W pixels; K filters of R × S taps; results of P × Q pixels. */
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
}

/**
 * All sizes of a convolution of x [N, C, H, W] with w [K, C, R, S].
 * @throws {ShapeError} where ranks, channels or strides do not fit, or a window is larger than the padded image.
 */
export function convSizes(x: Shape, w: Shape, { strides, pads }: ConvAttributes): ConvSizes {
  if (x.length !== 4 || w.length !== 4) {
    throw new ShapeError(
      `Conv takes images [N,C,H,W] and weights [K,C,R,S], got [${x.join(',')}] and [${w.join(',')}]`,
    );
  }
  const [N, C, H, W] = fourSizes(x);
  const [K, channels, R, S] = fourSizes(w);
  if (C !== channels) {
    throw new ShapeError(`Images and weights must have the same channels, got ${C} and ${channels}`);
  }
  if (strides.some((s) => !Number.isInteger(s) || s < 1) || pads.some((p) => !Number.isInteger(p) || p < 0)) {
    throw new ShapeError(
      `Strides must be at least 1 and pads at least 0, got [${strides.join()}] and [${pads.join()}]`,
    );
  }
  const P = Math.floor((H + pads[0] + pads[2] - R) / strides[0]) + 1;
  const Q = Math.floor((W + pads[1] + pads[3] - S) / strides[1]) + 1;
  if (P < 1 || Q < 1) {
    throw new ShapeError(`A ${R}×${S} window must fit the padded image, got ${H}×${W} with pads [${pads.join()}]`);
  }
  return { N, C, H, W, K, R, S, P, Q };
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
  [r, s]: readonly [number, number],
): PhysicalValue {
  const { N, C, P, Q } = sizes;
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
