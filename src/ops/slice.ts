import { ShapeError } from '../errors.ts';
import type { Value } from '../graph/graph.ts';
import { normaliseAxis, sizeAt } from '../graph/tensor-type.ts';
import { inferUnary } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** y = x from `start` to before `end` along one axis; dx is dy with zeros before and after. */
export const sliceOp: OpDef<'Slice'> = {
  infer: (inputs, { axis: given, start, end }) => {
    const [{ dtype, shape }] = inferUnary(inputs);
    const axis = normaliseAxis(given, shape.length);
    const size = sizeAt(shape, axis);
    if (![start, end].every(Number.isInteger) || start < 0 || end <= start || end > size) {
      throw new ShapeError(`A slice must lie in 0 … ${size} and hold something, got ${start} … ${end}`);
    }
    return [{ dtype, shape: shape.map((whole, i) => (i === axis ? end - start : whole)) }];
  },
  vjp: ({ g, inputs: [{ dtype, shape }], attrs: { axis: given, start, end }, cotangents: [dy] }) => {
    const axis = normaliseAxis(given, shape.length);
    const zeros = (count: number): readonly Value[] => {
      const part = shape.map((size, i) => (i === axis ? count : size));
      return count === 0 ? [] : [g.emit('Expand', [g.constant(0, [], dtype)], { shape: part })];
    };
    const parts = [...zeros(start), dy, ...zeros(sizeAt(shape, axis) - end)];
    return [g.emit('Concat', parts, { axis })];
  },
  onnx: ({ b, inputs: [x], attrs: { axis, start, end }, outputs: [{ shape }] }) => [
    b.emit('Slice', [x, b.ints([start]), b.ints([end]), b.ints([axis])], {}, shape),
  ],
};
