/**
 * @file The weight gradient as one convolution: the images of a batch are its input channels, the gradient is its
 * kernel, and its few results are the taps. With x as [rows, columns · C], a dilation of C leaves channels apart.
 */

import type { PhysicalBuilder, PhysicalValue } from '../../../graph/physical.ts';
import type { BlockSize } from '../../../graph/stored-layout.ts';
import type { ConvGeometry } from '../convolution-geometry.ts';
import { filled, padAxes, reduce, reshape, transpose } from '../emit.ts';
import { affine, conv, declared, reorderInput } from './nchwc.ts';

/** How the batch is cut into groups, each reduced by a kernel of its own. */
interface Groups {
  /** Images, zeros for missing ones included. */
  readonly N: number;
  readonly count: number;
}

/** Whole blocks of images; small batches as they are. */
function groupsOf(N: number, block: BlockSize): Groups {
  if (N >= block) return { N: Math.ceil(N / block) * block, count: Math.ceil(N / block) };
  return { N, count: N % 2 === 0 ? 2 : 1 };
}

/**
 * ConvWeightGrad of gradients [N, K/16, P, Q, 16] and images, [N, C/16, H, W, 16] or, with fewer channels than a block,
 * plain [N, C, H, W] → weights [K/16, C/16, R, S, 16, 16] or [K/16, C, R, S, 16].
 */
export function blockedWeightGrad(
  b: PhysicalBuilder,
  sizes: ConvGeometry,
  x: PhysicalValue,
  g: PhysicalValue,
): PhysicalValue {
  const { C, K, H, W, R, S, P, Q, strides, pads } = sizes;
  const groups = groupsOf(sizes.N, b.block);
  // Just the columns and rows that the taps meet.
  const width = (Q - 1) * strides[1] + S;
  const right = width - W - pads[1];
  const bottom = (P - 1) * strides[0] + R - H - pads[0];
  const margins = { left: pads[1], right, bottom: Math.min(bottom, 0) };
  const images = b.shared(x, `rows ${Object.values(margins).join()}`, () => imageRows(b, sizes, groups, x, margins));
  const kernels = b.shared(g, 'kernels', () => gradientKernels(b, sizes, groups, g));
  const products = conv(b, images, kernels, {
    kernel: [P, Q],
    group: groups.count,
    dilations: [strides[0], strides[1] * C],
    pads: [pads[0], 0, Math.max(bottom, 0), 0],
  });
  const taps = reduce(b, 'ReduceSum', reshape(b, products, [groups.count, K * R * S * C]), [0]);
  if (C < b.block) return transpose(b, reshape(b, taps, [K / b.block, R, S, C, b.block]), [0, 3, 1, 2, 4]);
  const split = reshape(b, taps, [K / b.block, R, S, C / b.block, b.block, b.block]);
  return transpose(b, split, [0, 3, 1, 2, 4, 5]);
}

/** Zeros beside an image; negative amounts cut what no tap meets. */
interface Margins {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

/** Images as the channels of one: [1, N, rows, columns · C], margins included. */
function imageRows(
  b: PhysicalBuilder,
  { N, C }: ConvGeometry,
  groups: Groups,
  x: PhysicalValue,
  margins: Margins,
): PhysicalValue {
  const pixels = x.shape.length === 5 ? blockedPixels(b, x, margins) : plainPixels(b, x, margins);
  const [, rows, columns] = pixels.shape as readonly [number, number, number];
  const images = padAxes(b, reshape(b, pixels, [1, N, rows, columns * C]), [0, 0], [0, groups.N - N]);
  return N < b.block ? images : reorderInput(b, images, false);
}

/** Plain images → [N, rows, columns, C]. */
function plainPixels(b: PhysicalBuilder, x: PhysicalValue, { left, right, bottom }: Margins): PhysicalValue {
  return padAxes(b, transpose(b, x, [0, 2, 3, 1]), [0, 0, left], [0, bottom, right]);
}

/** The same of images in blocks. Zeros are put beside them by a convolution of each channel with 1. */
function blockedPixels(b: PhysicalBuilder, x: PhysicalValue, { left, right, bottom }: Margins): PhysicalValue {
  const cut = declared(b, padAxes(b, x, [0, 0, 0, 0], [0, 0, bottom, Math.min(right, 0)]));
  const [N, C] = cut.shape as readonly [number, number];
  const pads = [0, left, 0, Math.max(right, 0)] as const;
  const padded = pads.every((pad) => pad === 0) ? cut : affine(b, cut, filled(b, 1, [C]), {}, pads);
  const [, , rows, columns] = padded.shape as readonly [number, number, number, number];
  // With the blocks as pixels and all the rest as channels, one reorder puts channels last.
  const pixels =
    C === b.block ? padded : reorderInput(b, reshape(b, padded, [N, 1, C / b.block, rows * columns * b.block]), true);
  return reshape(b, pixels, [N, rows, columns, C]);
}

/** Gradients [N, K/16, P, Q, 16] as kernels [groups · K, images per group, P, Q]. */
function gradientKernels(
  b: PhysicalBuilder,
  { N, K, P, Q }: ConvGeometry,
  groups: Groups,
  g: PhysicalValue,
): PhysicalValue {
  const perGroup = groups.N / groups.count;
  const padded = padAxes(b, reshape(b, g, [N, K * P * Q]), [0], [groups.N - N]);
  const kernels =
    N < b.block
      ? transpose(b, reshape(b, padded, [groups.count, perGroup, K / b.block, P * Q * b.block]), [0, 2, 1, 3])
      : reorderInput(b, reshape(b, padded, [groups.count, b.block / 4, 4, K * P * Q]), true);
  return reshape(b, kernels, [groups.count * K, perGroup, P, Q]);
}
