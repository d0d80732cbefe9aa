import {
  type ConvSizes,
  convSizes,
  groupProducts,
  padImages,
  perGroup,
  sharedAttributes,
  sumOf,
  tapMatrix,
  taps,
  tapWeight,
} from './convolution.ts';
import type { PhysicalBuilder, PhysicalValue } from '../graph/physical.ts';
import type { ConvAttributes } from '../graph/op-attributes.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

/**
 * Cross-correlation, as every framework calls it convolution:
 * y[n,k,p,q] = Σ_{c,r,s} x[n, c, p·stride + r·dilation − top, q·stride + s·dilation − left] · w[k,c,r,s], zero outside the
 * image. With groups, c counts the channels of the group that k belongs to.
 */
export const convOp: OpDef<'Conv'> = {
  infer: ([x, w], attrs) => {
    const { N, K, P, Q } = convSizes(x.shape, w.shape, attrs);
    requireOneFloat([x, w]);
    return [{ dtype: x.dtype, shape: [N, K, P, Q] }];
  },
  vjp: ({ g, inputs: [x, w], attrs, cotangents: [dy] }) => {
    const image = [sizeAt(x.shape, 2), sizeAt(x.shape, 3)] as const;
    const kernel = [sizeAt(w.shape, 2), sizeAt(w.shape, 3)] as const;
    const shared = sharedAttributes(attrs);
    return [
      g.emit('ConvInputGrad', [dy, w], { ...shared, image }),
      g.emit('ConvWeightGrad', [x, dy], { ...shared, kernel }),
    ];
  },
  onnx: ({ b, inputs: [x, w], attrs, outputs: [{ shape }] }) => {
    if (x.dtype === 'float32') {
      const kernel_shape = w.shape.slice(2);
      return [b.emit('Conv', [x, w], { kernel_shape, ...sharedAttributes(attrs) }, shape)];
    }
    return [slicedConv(b, x, w, attrs, convSizes(x.shape, w.shape, attrs))];
  },
};

/** Σ over taps of w[:, :, r, s] · x shifted by the tap: ORT convolves in float32 only. */
function slicedConv(
  b: PhysicalBuilder,
  x: PhysicalValue,
  w: PhysicalValue,
  attrs: ConvAttributes,
  sizes: ConvSizes,
): PhysicalValue {
  const { N, K, P, Q, G } = sizes;
  const padded = padImages(b, x, attrs.pads);
  const terms = taps(sizes).map((tap) =>
    groupProducts(
      b,
      perGroup(b, tapWeight(b, w, tap), G),
      perGroup(b, tapMatrix(b, padded, sizes, attrs.strides, tap), G),
    ),
  );
  const images = b.emit('Reshape', [sumOf(b, terms), b.ints([K, N, P, Q])], {}, [K, N, P, Q]);
  return b.emit('Transpose', [images], { perm: [1, 0, 2, 3] }, [N, K, P, Q]);
}
