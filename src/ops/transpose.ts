import { ShapeError } from '../errors.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { OpDef } from './op.ts';

/** Axis i of the result is axis perm[i] of x; the gradient goes back through the inverse permutation. */
export const transposeOp: OpDef<'Transpose'> = {
  infer: ([x], { perm }) => {
    if (perm.toSorted((a, b) => a - b).join() !== x.shape.map((_, axis) => axis).join()) {
      throw new ShapeError(`perm must hold each axis of [${x.shape.join(',')}] once, got [${perm.join(',')}]`);
    }
    return [{ dtype: x.dtype, shape: perm.map((axis) => sizeAt(x.shape, axis)) }];
  },
  vjp: ({ g, attrs: { perm }, cotangents: [dy] }) => {
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return [g.emit('Transpose', [dy], { perm: inverse })];
  },
  onnx: ({ b, inputs, attrs: { perm }, outputs: [{ shape }] }) => [b.emit('Transpose', inputs, { perm }, shape)],
};
