import {
  type ConvSizes,
  channelsFirst,
  convSizes,
  groupProducts,
  padImages,
  perGroup,
  requireResultShape,
  sharedAttributes,
  swapped,
  tapMatrix,
  taps,
} from './convolution.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import type { ConvAttributes, OpAttributes } from '../graph/op-attributes.ts';
import { fourSizes, type Shape, sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

function sizesOf(x: Shape, g: Shape, attrs: OpAttributes['ConvWeightGrad']): ConvSizes {
  return convSizes(x, [sizeAt(g, 1), sizeAt(x, 1) / (attrs.group ?? 1), ...attrs.kernel], attrs);
}

/**
 * ∂loss/∂w of y = Conv(x, w) from x and g = ∂loss/∂y:
 * dw[k,c,r,s] = Σ_{n,p,q} g[n,k,p,q] · x[n, c, p·stride + r·dilation − top, q·stride + s·dilation − left]; linear in both.
 * With groups, c counts the channels of the group that k belongs to.
 */
export const convWeightGradOp: OpDef<'ConvWeightGrad'> = {
  infer: ([x, g], attrs) => {
    const sizes = sizesOf(x.shape, g.shape, attrs);
    requireResultShape(g, sizes);
    requireOneFloat([x, g]);
    return [{ dtype: x.dtype, shape: [sizes.K, sizes.C / sizes.G, sizes.R, sizes.S] }];
  },
  vjp: ({ g: builder, inputs: [x, g], attrs, cotangents: [dw] }) => {
    const shared = sharedAttributes(attrs);
    const image = [sizeAt(x.shape, 2), sizeAt(x.shape, 3)] as const;
    return [builder.emit('ConvInputGrad', [g, dw], { ...shared, image }), builder.emit('Conv', [x, dw], shared)];
  },
  onnx: ({ b, inputs: [x, g], attrs }) => {
    const sizes = sizesOf(x.shape, g.shape, attrs);
    return [x.dtype === 'float32' ? swappedConv(b, x, g, attrs, sizes) : tapProducts(b, x, g, attrs, sizes)];
  },
};

/**
 * A convolution with the batch as channels, of which each group has its own, and the gradient as a kernel: its dilation is
 * the stride, and its stride the dilation.
 */
function swappedConv(
  b: PhysicalBuilder,
  x: PhysicalValue,
  g: PhysicalValue,
  { strides, pads }: ConvAttributes,
  { N, C, H, W, K, R, S, P, Q, G, dilations }: ConvSizes,
): PhysicalValue {
  const images = batchAsChannels(b, x, G);
  const kernels = b.emit('Transpose', [g], { perm: [1, 0, 2, 3] }, [K, N, P, Q]);
  const rows = Math.ceil((H + pads[0] + pads[2] - (P - 1) * strides[0]) / dilations[0]);
  const columns = Math.ceil((W + pads[1] + pads[3] - (Q - 1) * strides[1]) / dilations[1]);
  const attrs = { kernel_shape: [P, Q], dilations: strides, pads, strides: dilations, ...(G > 1 && { group: G }) };
  const wide = b.emit('Conv', [images, kernels], attrs, [C / G, K, rows, columns]);
  const cut = b.emit('Slice', [wide, b.ints([0, 0]), b.ints([R, S]), b.ints([2, 3])], {}, [C / G, K, R, S]);
  return b.emit('Transpose', [cut], { perm: [1, 0, 2, 3] }, [K, C / G, R, S]);
}

/** Images [N, C, H, W] as [C/G, G · N, H, W]: the batch of each group side by side. */
function batchAsChannels(b: PhysicalBuilder, x: PhysicalValue, G: number): PhysicalValue {
  const [N, C, H, W] = fourSizes(x.shape);
  if (G === 1) return b.emit('Transpose', [x], { perm: [1, 0, 2, 3] }, [C, N, H, W]);
  const split = b.emit('Reshape', [x, b.ints([N, G, C / G, H * W])], {}, [N, G, C / G, H * W]);
  const moved = b.emit('Transpose', [split], { perm: [2, 1, 0, 3] }, [C / G, G, N, H * W]);
  return b.emit('Reshape', [moved, b.ints([C / G, G * N, H, W])], {}, [C / G, G * N, H, W]);
}

/** For each tap, the product over all pixels of g and x shifted by the tap. */
function tapProducts(
  b: PhysicalBuilder,
  x: PhysicalValue,
  g: PhysicalValue,
  { strides, pads }: ConvAttributes,
  sizes: ConvSizes,
): PhysicalValue {
  const { N, K, R, S, P, Q, G } = sizes;
  const channels = sizes.C / G;
  const padded = padImages(b, x, pads);
  const gradient = perGroup(b, channelsFirst(b, g, K, N * P * Q), G);
  const products = taps(sizes).map((tap) => {
    const pixels = tapMatrix(b, padded, sizes, strides, tap);
    const product = groupProducts(b, gradient, swapped(b, perGroup(b, pixels, G)));
    return b.emit('Reshape', [product, b.ints([K, channels, 1])], {}, [K, channels, 1]);
  });
  const all = b.emit('Concat', products, { axis: 2 }, [K, channels, R * S]);
  return b.emit('Reshape', [all, b.ints([K, channels, R, S])], {}, [K, channels, R, S]);
}
