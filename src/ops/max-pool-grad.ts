import { ShapeError } from '../errors.ts';
import { fourSizes, sameShape, sizeAt } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';
import { firstMaximumMasks, pooledShape } from './pooling.ts';

/** (x, g) → g at the first maximum of each window of x, 0 elsewhere. Linear in g; constant in x almost everywhere. */
export const maxPoolGradOp: OpDef<'MaxPoolGrad'> = {
  infer: ([x, g], { kernel }) => {
    if (!sameShape(g.shape, pooledShape(x.shape, kernel))) {
      throw new ShapeError(`The gradient must have the pooled shape of [${x.shape.join()}], got [${g.shape.join()}]`);
    }
    requireOneFloat([x, g]);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  vjp: ({ g, inputs: [x], attrs, cotangents: [dy] }) => [undefined, g.emit('MaxPoolSelect', [x, dy], attrs)],
  onnx: ({ b, inputs: [x, g], attrs: { kernel }, outputs: [{ shape: full }] }) => {
    const [N, C, P, Q] = fourSizes(g.shape);
    const column = [N, C, P, 1, Q, 1];
    const parts = firstMaximumMasks(b, x, kernel).map((mask) => {
      const part = b.emit('Mul', [mask, g], {}, g.shape);
      return b.emit('Reshape', [part, b.ints(column)], {}, column);
    });
    const rows = Array.from({ length: kernel }, (_, r) =>
      b.emit('Concat', parts.slice(r * kernel, (r + 1) * kernel), { axis: 5 }, [N, C, P, 1, Q, kernel]),
    );
    const windows = b.emit('Concat', rows, { axis: 3 }, [N, C, P, kernel, Q, kernel]);
    const covered = [N, C, P * kernel, Q * kernel];
    const images = b.emit('Reshape', [windows, b.ints(covered)], {}, covered);
    const rest = [sizeAt(full, 2) - P * kernel, sizeAt(full, 3) - Q * kernel];
    return [
      rest.every((r) => r === 0) ? images : b.emit('Pad', [images, b.ints([0, 0, 0, 0, 0, 0, ...rest])], {}, full),
    ];
  },
};
