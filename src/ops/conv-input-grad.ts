import { type ConvSizes, channelsFirst, convSizes, requireResultShape, sumOf, taps, tapWeight } from './convolution.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import type { ConvAttributes, OpAttributes } from '../graph/op-attributes.ts';
import { fourSizes, type Shape, sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

function sizesOf(g: Shape, w: Shape, attrs: OpAttributes['ConvInputGrad']): ConvSizes {
  return convSizes([sizeAt(g, 0), sizeAt(w, 1), ...attrs.image], w, attrs);
}

/**
 * ∂loss/∂x of y = Conv(x, w) from g = ∂loss/∂y; linear in both. Its own derivatives are Conv (with respect to g) and
 * ConvWeightGrad (with respect to w), so the three ops are closed under differentiation.
 */
export const convInputGradOp: OpDef<'ConvInputGrad'> = {
  infer: ([g, w], attrs) => {
    const sizes = sizesOf(g.shape, w.shape, attrs);
    requireResultShape(g, sizes);
    requireOneFloat([g, w]);
    return [{ dtype: g.dtype, shape: [sizes.N, sizes.C, sizes.H, sizes.W] }];
  },
  vjp: ({ g: builder, inputs: [g, w], attrs: { strides, pads }, cotangents: [dx] }) => {
    const kernel = [sizeAt(w.shape, 2), sizeAt(w.shape, 3)] as const;
    return [
      builder.emit('Conv', [dx, w], { strides, pads }),
      builder.emit('ConvWeightGrad', [dx, g], { strides, pads, kernel }),
    ];
  },
  onnx: ({ b, inputs: [g, w], attrs }) => {
    const sizes = sizesOf(g.shape, w.shape, attrs);
    return [g.dtype === 'float32' ? transposedConv(b, g, w, attrs, sizes) : scatteredTaps(b, g, w, attrs, sizes)];
  },
};

/** ONNX's ConvTranspose over the whole padded image, then the padding cut off. */
function transposedConv(
  b: PhysicalBuilder,
  g: PhysicalValue,
  w: PhysicalValue,
  { strides, pads }: ConvAttributes,
  { N, C, H, W, R, S, P, Q }: ConvSizes,
): PhysicalValue {
  const covered = [(P - 1) * strides[0] + R, (Q - 1) * strides[1] + S] as const;
  const full = b.emit('ConvTranspose', [g, w], { strides, kernel_shape: [R, S] }, [N, C, ...covered]);
  return cutPadding(b, full, pads, [H, W]);
}

/** Each tap's product with g, spread out by the stride and shifted to the tap; all added up. */
function scatteredTaps(
  b: PhysicalBuilder,
  g: PhysicalValue,
  w: PhysicalValue,
  { strides, pads }: ConvAttributes,
  sizes: ConvSizes,
): PhysicalValue {
  const { N, C, H, W, K, R, S, P, Q } = sizes;
  const pixels = N * P * Q;
  const gradient = channelsFirst(b, g, K, pixels);
  const covered = [(P - 1) * strides[0] + R, (Q - 1) * strides[1] + S] as const;
  const terms = taps(sizes).map(([r, s]) => {
    const transposed = b.emit('Transpose', [tapWeight(b, w, [r, s])], { perm: [1, 0] }, [C, K]);
    const product = b.emit('MatMul', [transposed, gradient], {}, [C, pixels]);
    const images = b.emit('Reshape', [product, b.ints([C, N, P, 1, Q, 1])], {}, [C, N, P, 1, Q, 1]);
    const spaced = [C, N, P, strides[0], Q, strides[1]];
    const zeros = b.emit(
      'Pad',
      [images, b.ints([0, 0, 0, 0, 0, 0, 0, 0, 0, strides[0] - 1, 0, strides[1] - 1])],
      {},
      spaced,
    );
    const flat = [C, N, P * strides[0], Q * strides[1]];
    const grid = b.emit('Reshape', [zeros, b.ints(flat)], {}, flat);
    // Negative pads cut the zeros that follow the last pixel.
    const after = [covered[0] - r - P * strides[0], covered[1] - s - Q * strides[1]];
    return b.emit('Pad', [grid, b.ints([0, 0, r, s, 0, 0, ...after])], {}, [C, N, ...covered]);
  });
  const full = b.emit('Transpose', [sumOf(b, terms)], { perm: [1, 0, 2, 3] }, [N, C, ...covered]);
  return cutPadding(b, full, pads, [H, W]);
}

/** The H × W pixels behind the padding; rows that no window reached are zero. */
function cutPadding(
  b: PhysicalBuilder,
  full: PhysicalValue,
  pads: ConvAttributes['pads'],
  [H, W]: readonly [number, number],
): PhysicalValue {
  const [N, C, rows, columns] = fourSizes(full.shape);
  const amounts = [0, 0, -pads[0], -pads[1], 0, 0, H + pads[0] - rows, W + pads[1] - columns];
  return amounts.every((amount) => amount === 0) ? full : b.emit('Pad', [full, b.ints(amounts)], {}, [N, C, H, W]);
}
