import { ShapeError } from '../errors.ts';
import { formatType, normaliseAxis, type Shape, sameShape, sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = the inputs one after the other along an axis, in which alone their sizes may differ; each dx is its part of dy. */
export const concatOp: OpDef<'Concat'> = {
  infer: (inputs, attrs) => {
    const [first, ...others] = inputs;
    if (first === undefined) throw new ShapeError('Expected 1 input or more, got none');
    requireOneFloat([first, ...others]);
    const axis = normaliseAxis(attrs.axis, first.shape.length);
    const across = (shape: Shape): Shape => shape.filter((_, i) => i !== axis);
    const odd = others.find(
      ({ shape }) => shape.length !== first.shape.length || !sameShape(across(shape), across(first.shape)),
    );
    if (odd !== undefined) {
      throw new ShapeError(
        `Sizes must be equal along all axes but ${axis}, got ${formatType(first)} and ${formatType(odd)}`,
      );
    }
    const total = inputs.reduce((sum, { shape }) => sum + sizeAt(shape, axis), 0);
    return [{ dtype: first.dtype, shape: first.shape.map((size, i) => (i === axis ? total : size)) }];
  },
  vjp: ({ g, inputs, attrs, cotangents: [dy] }) => {
    const axis = normaliseAxis(attrs.axis, dy.shape.length);
    let end = 0;
    return inputs.map(({ shape }) => {
      const start = end;
      end += sizeAt(shape, axis);
      return g.emit('Slice', [dy], { axis, start, end });
    });
  },
  onnx: ({ b, inputs, attrs: { axis }, outputs: [{ shape }] }) => [b.emit('Concat', inputs, { axis }, shape)],
};
