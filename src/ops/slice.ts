import { ShapeError } from '../errors.ts';
import { normaliseAxes, sizeAt } from '../graph/tensor-type.ts';
import { inferUnary, inputAt, onlyCotangent } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = x from `start` to before `end` along one axis; dx is dy with zeros before and after. */
export const sliceOp: OpDef<'Slice'> = {
  infer: (inputs, { axis: given, start, end }) => {
    inferUnary(inputs);
    const { dtype, shape } = inputAt(inputs, 0);
    const [axis = 0] = normaliseAxes([given], shape.length);
    const size = sizeAt(shape, axis);
    if (![start, end].every(Number.isInteger) || start < 0 || end <= start || end > size) {
      throw new ShapeError(`A slice must lie in 0 … ${size} and hold something, got ${start} … ${end}`);
    }
    return [{ dtype, shape: shape.map((whole, i) => (i === axis ? end - start : whole)) }];
  },
  vjp: ({ g, inputs, attrs: { axis: given, start, end }, cotangents }) => {
    const { dtype, shape } = inputAt(inputs, 0);
    const [axis = 0] = normaliseAxes([given], shape.length);
    const zeros = (count: number): ReturnType<typeof g.emit>[] => {
      const part = shape.map((size, i) => (i === axis ? count : size));
      return count === 0 ? [] : [g.emit('Expand', [g.constant(0, [], dtype)], { shape: part })];
    };
    const parts = [...zeros(start), onlyCotangent(cotangents), ...zeros(sizeAt(shape, axis) - end)];
    return [g.emit('Concat', parts, { axis })];
  },
  onnx: ({ b, inputs, attrs: { axis, start, end }, outputs }) => [
    b.emit('Slice', [...inputs, b.ints([start]), b.ints([end]), b.ints([axis])], {}, inputAt(outputs, 0).shape),
  ],
};
