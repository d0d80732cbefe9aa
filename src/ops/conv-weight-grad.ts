import {
  type ConvSizes,
  channelsFirst,
  convSizes,
  padImages,
  requireResultShape,
  tapMatrix,
  taps,
} from './convolution.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import type { ConvAttributes, OpAttributes } from '../graph/op-attributes.ts';
import { type Shape, sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

function sizesOf(x: Shape, g: Shape, attrs: OpAttributes['ConvWeightGrad']): ConvSizes {
  return convSizes(x, [sizeAt(g, 1), sizeAt(x, 1), ...attrs.kernel], attrs);
}

/**
 * ∂loss/∂w of y = Conv(x, w) from x and g = ∂loss/∂y:
 * dw[k,c,r,s] = Σ_{n,p,q} g[n,k,p,q] · x[n, c, p·stride + r − top, q·stride + s − left]; linear in both.
 */
export const convWeightGradOp: OpDef<'ConvWeightGrad'> = {
  infer: ([x, g], attrs) => {
    const sizes = sizesOf(x.shape, g.shape, attrs);
    requireResultShape(g, sizes);
    requireOneFloat([x, g]);
    return [{ dtype: x.dtype, shape: [sizes.K, sizes.C, sizes.R, sizes.S] }];
  },
  vjp: ({ g: builder, inputs: [x, g], attrs: { strides, pads }, cotangents: [dw] }) => {
    const image = [sizeAt(x.shape, 2), sizeAt(x.shape, 3)] as const;
    return [
      builder.emit('ConvInputGrad', [g, dw], { strides, pads, image }),
      builder.emit('Conv', [x, dw], { strides, pads }),
    ];
  },
  onnx: ({ b, inputs: [x, g], attrs }) => {
    const sizes = sizesOf(x.shape, g.shape, attrs);
    return [x.dtype === 'float32' ? swappedConv(b, x, g, attrs, sizes) : tapProducts(b, x, g, attrs, sizes)];
  },
};

/** A convolution with the batch as channels and the gradient as a kernel whose dilation is the stride. */
function swappedConv(
  b: PhysicalBuilder,
  x: PhysicalValue,
  g: PhysicalValue,
  { strides, pads }: ConvAttributes,
  { N, C, H, W, K, R, S, P, Q }: ConvSizes,
): PhysicalValue {
  const images = b.emit('Transpose', [x], { perm: [1, 0, 2, 3] }, [C, N, H, W]);
  const kernels = b.emit('Transpose', [g], { perm: [1, 0, 2, 3] }, [K, N, P, Q]);
  const rows = H + pads[0] + pads[2] - (P - 1) * strides[0];
  const columns = W + pads[1] + pads[3] - (Q - 1) * strides[1];
  const attrs = { kernel_shape: [P, Q], dilations: strides, pads, strides: [1, 1] };
  const wide = b.emit('Conv', [images, kernels], attrs, [C, K, rows, columns]);
  const cut = b.emit('Slice', [wide, b.ints([0, 0]), b.ints([R, S]), b.ints([2, 3])], {}, [C, K, R, S]);
  return b.emit('Transpose', [cut], { perm: [1, 0, 2, 3] }, [K, C, R, S]);
}

/** For each tap, the product over all pixels of g and x shifted by the tap. */
function tapProducts(
  b: PhysicalBuilder,
  x: PhysicalValue,
  g: PhysicalValue,
  { strides, pads }: ConvAttributes,
  sizes: ConvSizes,
): PhysicalValue {
  const { N, C, K, R, S, P, Q } = sizes;
  const padded = padImages(b, x, pads);
  const gradient = channelsFirst(b, g, K, N * P * Q);
  const products = taps(sizes).map((tap) => {
    const pixels = tapMatrix(b, padded, sizes, strides, tap);
    const across = b.emit('Transpose', [pixels], { perm: [1, 0] }, [N * P * Q, C]);
    const product = b.emit('MatMul', [gradient, across], {}, [K, C]);
    return b.emit('Reshape', [product, b.ints([K, C, 1])], {}, [K, C, 1]);
  });
  const all = b.emit('Concat', products, { axis: 2 }, [K, C, R * S]);
  return b.emit('Reshape', [all, b.ints([K, C, R, S])], {}, [K, C, R, S]);
}
