/**
 * @file Winograd convolution, 3 × 3 taps and stride 1, of images [H, W, N, C] with weights [R, S, C, K]. With the
 * matrices B, G and A of each axis, y = A ((B x Bᵀ) · (G w Gᵀ)) Aᵀ, and the gradients are the adjoints of the factors.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import { sizeAt } from '../../../graph/tensor-type.ts';
import type { ConvGeometry } from '../convolution-geometry.ts';
import { fusedMatMul, matMul, reduce, reshape } from '../emit.ts';
import { type Banded, sandwich } from './sandwich.ts';
import { type AxisAlgorithm, axisAlgorithm, transposed, type WinogradVariant } from './matrices.ts';

/** The algorithms of the two axes, and a name under which transformed tensors are shared. */
export interface WinogradPlan {
  readonly key: string;
  readonly rows: AxisAlgorithm;
  readonly columns: AxisAlgorithm;
}

export function winogradPlan(variant: WinogradVariant, { H, W, P, Q, pads }: ConvGeometry): WinogradPlan {
  return {
    key: `${variant} ${H}×${W} ${pads.join()} ${P}×${Q}`,
    rows: axisAlgorithm(variant, H, pads[0], P),
    columns: axisAlgorithm(variant, W, pads[1], Q),
  };
}

/** Conv: images [H, W, N, C] and weights [3, 3, C, K] → [P, Q, N, K]. */
export function winogradConv(
  b: PhysicalBuilder,
  plan: WinogradPlan,
  x: PhysicalValue,
  w: PhysicalValue,
): PhysicalValue {
  const products = matMul(b, transformedImages(b, plan, x), transformedWeights(b, plan, w));
  return sandwich(b, outputOf(plan.rows), outputOf(plan.columns), tileRows(b, plan, products));
}

/** ConvInputGrad: gradients [P, Q, N, K] and weights → [H, W, N, C]. */
export function winogradInputGrad(
  b: PhysicalBuilder,
  plan: WinogradPlan,
  g: PhysicalValue,
  w: PhysicalValue,
): PhysicalValue {
  const weights = transformedWeights(b, plan, w);
  const products = fusedMatMul(b, transformedGradients(b, plan, g), weights, { transB: true });
  return sandwich(b, adjoint(inputOf(plan.rows)), adjoint(inputOf(plan.columns)), tileRows(b, plan, products));
}

/** ConvWeightGrad: images and gradients → [3, 3, C, K]. Per product a matrix [C, K], summed over the tiles. */
export function winogradWeightGrad(
  b: PhysicalBuilder,
  plan: WinogradPlan,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const images = transformedImages(b, plan, x);
  const products = fusedMatMul(b, images, transformedGradients(b, plan, g), { transA: true });
  // One run of axes after the other, which ORT adds fast: blocks of rows, then tiles and blocks of columns.
  const taps = reduce(b, 'ReduceSum', reduce(b, 'ReduceSum', products, [0]), [1, 2]);
  return sandwich(b, adjoint(kernelOf(plan.rows)), adjoint(kernelOf(plan.columns)), taps);
}

/**
 * B x Bᵀ as [blocks, a, tiles, blocks, a, tiles · N, C]: the images of one product, with the tiles of a row and block
 * in one matrix.
 */
function transformedImages(b: PhysicalBuilder, plan: WinogradPlan, x: PhysicalValue): PhysicalValue {
  return b.shared(x, `B ${plan.key}`, () =>
    tileMatrices(b, plan, sandwich(b, inputOf(plan.rows), inputOf(plan.columns), x)),
  );
}

/** Aᵀ g A, laid as the images. */
function transformedGradients(b: PhysicalBuilder, plan: WinogradPlan, g: PhysicalValue): PhysicalValue {
  return b.shared(g, `A ${plan.key}`, () =>
    tileMatrices(b, plan, sandwich(b, adjoint(outputOf(plan.rows)), adjoint(outputOf(plan.columns)), g)),
  );
}

/** G w Gᵀ as [1, a, 1, 1, a, C, K]: one matrix per product, for all tiles. */
function transformedWeights(b: PhysicalBuilder, { key, rows, columns }: WinogradPlan, w: PhysicalValue): PhysicalValue {
  return b.shared(w, `G ${key}`, () => {
    const transformed = sandwich(b, kernelOf(rows), kernelOf(columns), w);
    const [, , C, K] = transformed.shape as readonly [number, number, number, number];
    return reshape(b, transformed, [1, rows.products, 1, 1, columns.products, C, K]);
  });
}

function tileMatrices(b: PhysicalBuilder, { rows, columns }: WinogradPlan, x: PhysicalValue): PhysicalValue {
  const [N, channels] = [sizeAt(x.shape, 2), sizeAt(x.shape, 3)];
  return reshape(b, x, [
    rows.blocks,
    rows.products,
    rows.tiles,
    columns.blocks,
    columns.products,
    columns.tiles * N,
    channels,
  ]);
}

/** The inverse of {@link tileMatrices}: rows (block, product, tile) of both axes outermost. */
function tileRows(b: PhysicalBuilder, { rows, columns }: WinogradPlan, x: PhysicalValue): PhysicalValue {
  const [pixels, channels] = [sizeAt(x.shape, 5), sizeAt(x.shape, 6)];
  const [P, Q] = [rows.blocks * rows.products * rows.tiles, columns.blocks * columns.products * columns.tiles];
  return reshape(b, x, [P, Q, pixels / columns.tiles, channels]);
}

function inputOf({ input, blocks }: AxisAlgorithm): Banded {
  return { matrix: input, blocks };
}

function outputOf({ output, blocks }: AxisAlgorithm): Banded {
  return { matrix: output, blocks };
}

function kernelOf({ kernel }: AxisAlgorithm): Banded {
  return { matrix: kernel, blocks: 1 };
}

function adjoint({ matrix, blocks }: Banded): Banded {
  return { matrix: transposed(matrix), blocks };
}
