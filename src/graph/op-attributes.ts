/**
 * @file Which operations exist and what attributes each takes. Names and attributes are ONNX's; the few names that
 * ONNX lacks are the gradients on which fast lowerings hang, and are marked.
 */

import type { DType, Shape } from './tensor-type.ts';

type None = Record<never, never>;

/**
 * Strides [rows, columns] and padding in ONNX order [top, left, bottom, right]. What is left out means what it does in
 * ONNX, so that a convolution of one group and no dilation prints, and hashes, as one that does not know of them.
 */
export interface ConvAttributes {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  /** How many pixels lie from one tap to the next, [rows, columns]; default 1 and 1. */
  readonly dilations?: readonly [number, number];
  /** Channels in and out are cut in so many equal groups, each convolved by itself; default 1. */
  readonly group?: number;
}

/** A square window of this size, moved by its own size; what does not fill a window is dropped. */
export interface PoolTiles {
  readonly kernel: number;
}

/**
 * Windows of any size and stride, [rows, columns], which may overlap, over images padded in ONNX order
 * [top, left, bottom, right]; what does not fill a window is dropped.
 */
export interface PoolWindows {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  /** How many pixels lie from one place of a window to the next; default 1 and 1. */
  readonly dilations?: readonly [number, number];
}

export type PoolAttributes = PoolTiles | PoolWindows;

interface ReduceAttributes {
  readonly axes: readonly number[];
  readonly keepdims: boolean;
}

export interface OpAttributes {
  readonly Add: None;
  readonly Sub: None;
  readonly Mul: None;
  readonly Div: None;
  readonly Neg: None;
  readonly Abs: None;
  readonly Clip: { readonly min: number; readonly max: number };
  readonly Sqrt: None;
  readonly Exp: None;
  readonly Log: None;
  readonly Erf: None;
  readonly Tanh: None;
  readonly Sigmoid: None;
  readonly Softplus: None;
  readonly Relu: None;
  /** Not ONNX: (g, y) → g where y > 0, else 0. */
  readonly ReluGrad: None;
  /** Not ONNX: x → x, whose derivative is zero. */
  readonly StopGradient: None;
  readonly Equal: None;
  readonly Cast: { readonly to: DType };
  /** int32 classes [N] → float [N, depth]. */
  readonly OneHot: { readonly depth: number; readonly to: DType };
  /** Not ONNX: (x, limit) → how many elements lie in each of `bins` bins of equal width from −limit to limit. */
  readonly Histogram: { readonly bins: number };
  readonly ArgMax: { readonly axis: number };
  readonly Reshape: { readonly shape: Shape };
  readonly Transpose: { readonly perm: readonly number[] };
  readonly Expand: { readonly shape: Shape };
  readonly Concat: { readonly axis: number };
  /** Along one axis, from `start` to before `end`. */
  readonly Slice: { readonly axis: number; readonly start: number; readonly end: number };
  readonly ReduceSum: ReduceAttributes;
  readonly ReduceMean: ReduceAttributes;
  readonly ReduceMax: ReduceAttributes;
  readonly MatMul: None;
  readonly LogSoftmax: { readonly axis: number };
  readonly Conv: ConvAttributes;
  /** Not ONNX: (g, w) → the gradient of Conv with respect to its input, whose height and width are `image`. */
  readonly ConvInputGrad: ConvAttributes & { readonly image: readonly [number, number] };
  /** Not ONNX: (x, g) → the gradient of Conv with respect to its weight, whose taps are `kernel`. */
  readonly ConvWeightGrad: ConvAttributes & { readonly kernel: readonly [number, number] };
  /** Padding is never the maximum. */
  readonly MaxPool: PoolAttributes;
  /** Not ONNX: (x, g) → the sum, over the windows of which a pixel of x is the first maximum, of their g. */
  readonly MaxPoolGrad: PoolAttributes;
  /** Not ONNX: (x, v) → v at each window's first maximum of x; the adjoint of MaxPoolGrad. */
  readonly MaxPoolSelect: PoolAttributes;
  /** ONNX's with training_mode = 1, its unused running inputs dropped: (x, gamma, beta) → (y, mean, variance). */
  readonly BatchNormalization: { readonly epsilon: number };
  /** Not ONNX: (x, gamma, mean, variance, g) → (dx, dgamma, dbeta). */
  readonly BatchNormalizationGrad: { readonly epsilon: number };
}

export type OpName = keyof OpAttributes;
