import { ShapeError } from '../errors.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { sameShape, sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat, sameOp } from './elementwise.ts';
import type { OpDef } from './op.ts';

function swapLast(g: GraphBuilder, x: Value): Value {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : axis === rank - 2 ? rank - 1 : rank - 2));
  return g.emit('Transpose', [x], { perm });
}

/** Z = X Y, [..., M, K] · [..., K, N] → [..., M, N] with equal leading sizes; dX = dZ Yᵀ, dY = Xᵀ dZ. */
export const matMulOp: OpDef<'MatMul'> = {
  infer: ([x, y]) => {
    const rank = x.shape.length;
    const fits =
      rank >= 2 &&
      rank === y.shape.length &&
      sameShape(x.shape.slice(0, -2), y.shape.slice(0, -2)) &&
      x.shape[rank - 1] === y.shape[rank - 2];
    if (!fits) {
      throw new ShapeError(`Matrices must chain, got [${x.shape.join(',')}] times [${y.shape.join(',')}]`);
    }
    requireOneFloat([x, y]);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1), sizeAt(y.shape, rank - 1)] }];
  },
  vjp: ({ g, inputs: [x, y], cotangents: [dz] }) => [
    g.emit('MatMul', [dz, swapLast(g, y)]),
    g.emit('MatMul', [swapLast(g, x), dz]),
  ],
  onnx: sameOp('MatMul'),
};
