import {
  type ConvSizes,
  channelsFirst,
  convSizes,
  groupProducts,
  perGroup,
  reach,
  requireResultShape,
  sharedAttributes,
  sumOf,
  swapped,
  taps,
  tapWeight,
} from './convolution.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import type { ConvAttributes, OpAttributes } from '../graph/op-attributes.ts';
import { fourSizes, type Shape, sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

function sizesOf(g: Shape, w: Shape, attrs: OpAttributes['ConvInputGrad']): ConvSizes {
  return convSizes([sizeAt(g, 0), sizeAt(w, 1) * (attrs.group ?? 1), ...attrs.image], w, attrs);
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
  vjp: ({ g: builder, inputs: [g, w], attrs, cotangents: [dx] }) => {
    const shared = sharedAttributes(attrs);
    const kernel = [sizeAt(w.shape, 2), sizeAt(w.shape, 3)] as const;
    return [builder.emit('Conv', [dx, w], shared), builder.emit('ConvWeightGrad', [dx, g], { ...shared, kernel })];
  },
  onnx: ({ b, inputs: [g, w], attrs }) => {
    if (g.dtype !== 'float32') return [convInputGradByTaps(b, g, w, attrs)];
    return [transposedConv(b, g, w, attrs, sizesOf(g.shape, w.shape, attrs))];
  },
};

/** ONNX's ConvTranspose over the whole padded image, then the padding cut off. */
function transposedConv(
  b: PhysicalBuilder,
  g: PhysicalValue,
  w: PhysicalValue,
  attrs: ConvAttributes,
  sizes: ConvSizes,
): PhysicalValue {
  const { N, C, H, W, R, S } = sizes;
  const { strides, pads, ...rest } = sharedAttributes(attrs);
  const transposed = { strides, kernel_shape: [R, S], ...rest };
  const full = b.emit('ConvTranspose', [g, w], transposed, [N, C, ...covered(sizes, strides)]);
  return cutPadding(b, full, pads, [H, W]);
}

/** Without ConvTranspose: each tap's product with g, spread out by the stride and shifted to the tap; all added up. */
export function convInputGradByTaps(
  b: PhysicalBuilder,
  g: PhysicalValue,
  w: PhysicalValue,
  attrs: OpAttributes['ConvInputGrad'],
): PhysicalValue {
  const sizes = sizesOf(g.shape, w.shape, attrs);
  const { strides, pads } = attrs;
  const { N, C, H, W, K, P, Q, G, dilations } = sizes;
  const gradient = perGroup(b, channelsFirst(b, g, K, N * P * Q), G);
  const [rows, columns] = covered(sizes, strides);
  const terms = taps(sizes).map((tap) => {
    const product = groupProducts(b, swapped(b, perGroup(b, tapWeight(b, w, tap), G)), gradient);
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
    const [r, s] = [tap[0] * dilations[0], tap[1] * dilations[1]];
    const after = [rows - r - P * strides[0], columns - s - Q * strides[1]];
    return b.emit('Pad', [grid, b.ints([0, 0, r, s, 0, 0, ...after])], {}, [C, N, rows, columns]);
  });
  const full = b.emit('Transpose', [sumOf(b, terms)], { perm: [1, 0, 2, 3] }, [N, C, rows, columns]);
  return cutPadding(b, full, pads, [H, W]);
}

/** How many rows and columns of the padded image the windows meet. */
function covered({ R, S, P, Q, dilations }: ConvSizes, strides: ConvAttributes['strides']): readonly [number, number] {
  return [(P - 1) * strides[0] + reach(R, dilations[0]), (Q - 1) * strides[1] + reach(S, dilations[1])];
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
