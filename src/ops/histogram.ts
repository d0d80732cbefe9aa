import { ShapeError } from '../errors.ts';
import { elementCount, typeCodes } from '../graph/tensor-type.ts';
import { requireOneFloat } from './elementwise.ts';
import type { OpDef } from './op.ts';

/** Where a tensor is all zeros its limit is, and each of its elements shall be counted at 0. */
const LEAST_LIMIT = 1e-37;

/**
 * (x, limit) → counts [bins] of x in bins of equal width from −limit to limit: element v counts in bin
 * ⌊(v / limit + 1) · bins / 2⌋, the last bin closed; what lies outside counts in the outermost bins, NaN in the first.
 * Counts are float32 or float64 like x. What is counted may lie in any order.
 */
export const histogramOp: OpDef<'Histogram'> = {
  infer: ([x, limit], { bins }) => {
    requireOneFloat([x, limit]);
    if (limit.shape.length !== 0) throw new ShapeError(`The limit must be one number, got [${limit.shape.join(',')}]`);
    if (!Number.isInteger(bins) || bins < 1) throw new ShapeError(`There must be 1 bin or more, got bins = ${bins}`);
    return [{ dtype: x.dtype, shape: [bins] }];
  },
  vjp: { none: 'a count is an integer' },
  onnx: ({ b, inputs: [x, limit], attrs: { bins } }) => {
    const { dtype, shape } = x;
    const half = b.constant([bins / 2], [], dtype);
    const width = b.emit('Max', [limit, b.constant([LEAST_LIMIT], [], dtype)], {}, []);
    const scaled = b.emit('Mul', [b.emit('Div', [x, width], {}, shape), half], {}, shape);
    const place = b.emit('Add', [scaled, half], {}, shape);
    // Rounded towards 0, and cut as integers: Clip would hand NaN on.
    const rounded = b.emit('Cast', [place], { to: typeCodes.int32 }, shape, { dtype: 'int32' });
    const ends = [0, bins - 1].map((end) => b.constant([end], [], 'int32'));
    const bin = b.emit('Clip', [rounded, ...ends], {}, shape);
    const count = [elementCount(shape)];
    const flat = b.emit('Reshape', [bin, b.ints(count)], {}, count);
    const ones = b.emit('Expand', [b.constant([1], [1], 'int32'), b.ints(count)], {}, count);
    const zeros = b.emit('Expand', [b.constant([0], [1], 'int32'), b.ints([bins])], {}, [bins]);
    const counts = b.emit('ScatterElements', [zeros, flat, ones], { axis: 0, reduction: 'add' }, [bins]);
    return [b.emit('Cast', [counts], { to: typeCodes[dtype] }, [bins], { dtype })];
  },
};
