import { ShapeError } from '../errors.ts';
import { formatType, normaliseAxes, sameShape, sizeAt } from '../graph/tensor-type.ts';
import { inputAt, onlyCotangent, requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = the inputs one after the other along an axis, in which alone their sizes may differ; each dx is its part of dy. */
export const concatOp: OpDef<'Concat'> = {
  infer: (inputs, attrs) => {
    const first = inputAt(inputs, 0);
    requireOneFloat(inputs);
    const axis = normaliseAxes([attrs.axis], first.shape.length)[0] ?? 0;
    const others = (shape: readonly number[]): readonly number[] => shape.filter((_, i) => i !== axis);
    const odd = inputs.find(
      ({ shape }) => shape.length !== first.shape.length || !sameShape(others(shape), others(first.shape)),
    );
    if (odd !== undefined) {
      throw new ShapeError(
        `Sizes must be equal along all axes but ${axis}, got ${formatType(first)} and ${formatType(odd)}`,
      );
    }
    const total = inputs.reduce((sum, { shape }) => sum + sizeAt(shape, axis), 0);
    return [{ dtype: first.dtype, shape: first.shape.map((size, i) => (i === axis ? total : size)) }];
  },
  vjp: ({ g, inputs, attrs, cotangents }) => {
    const dy = onlyCotangent(cotangents);
    const [axis = 0] = normaliseAxes([attrs.axis], dy.shape.length);
    let end = 0;
    return inputs.map(({ shape }) => {
      const start = end;
      end += sizeAt(shape, axis);
      return g.emit('Slice', [dy], { axis, start, end });
    });
  },
  onnx: ({ b, inputs, attrs, outputs }) => [b.emit('Concat', inputs, { axis: attrs.axis }, inputAt(outputs, 0).shape)],
};
