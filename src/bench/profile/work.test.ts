import { describe, expect, it } from 'vitest';
import { type PhysicalNode, type PhysicalValue, physicalValue } from '../../graph/physical.ts';
import type { DType } from '../../graph/tensor-type.ts';
import { workOf } from './work.ts';

const value = (shape: readonly number[], dtype: DType = 'float32'): PhysicalValue =>
  physicalValue('v', { dtype, shape });
const node = (
  op: string,
  inputs: readonly PhysicalValue[],
  output: readonly number[],
  attrs: PhysicalNode['attrs'] = {},
): PhysicalNode => ({ domain: '', op, inputs, outputs: [value(output)], attrs });

describe('operations', () => {
  it.each([
    ['MatMul', [7, 3, 5], [5, 4], [7, 3, 4], {}, 2 * 7 * 3 * 4 * 5],
    ['FusedMatMul', [7, 5, 3], [7, 4, 5], [7, 3, 4], { transA: 1, transB: 1 }, 2 * 7 * 3 * 4 * 5],
    ['FusedMatMul', [5, 7, 3], [7, 5, 4], [7, 3, 4], { transA: 1, transBatchA: 1 }, 2 * 7 * 3 * 4 * 5],
    // Each of 2·6·7·9 outputs sums 4/2 channels of 3·5 pixels.
    ['Conv', [2, 4, 9, 11], [6, 2, 3, 5], [2, 6, 7, 9], { group: 2 }, 2 * (2 * 6 * 7 * 9) * (2 * 3 * 5)],
    // Each of 2·6·7·9 inputs goes to 4 channels of 3·5 pixels.
    ['ConvTranspose', [2, 6, 7, 9], [6, 4, 3, 5], [2, 4, 9, 13], {}, 2 * (2 * 6 * 7 * 9) * (4 * 3 * 5)],
    ['Add', [3, 5], [3, 5], [3, 5], {}, 0],
  ] as const)('of %s: two per multiplication', (op, x, w, y, attrs, expected) => {
    expect(workOf(node(op, [value(x), value(w)], y, attrs)).operations).toBe(expected);
  });
});

describe('bytes', () => {
  it('are of everything read and written, each once', () => {
    const x = value([3, 5]);
    expect(workOf(node('Mul', [x, value([5])], [3, 5])).bytes).toBe(4 * (15 + 5 + 15));
    expect(workOf(node('Mul', [x, x], [3, 5])).bytes).toBe(4 * (15 + 15));
    expect(workOf(node('Cast', [value([3, 5], 'float64')], [3, 5])).bytes).toBe(8 * 15 + 4 * 15);
  });

  it('are none for another view, and of a selection what is selected', () => {
    expect(workOf(node('Reshape', [value([3, 5]), value([1], 'int64')], [15])).bytes).toBe(0);
    expect(workOf(node('Slice', [value([30, 5]), value([1], 'int64')], [2, 5])).bytes).toBe(4 * (10 + 10) + 8);
    // A gather may read the same row more than once, but has no more rows than there are.
    expect(workOf(node('Gather', [value([2, 5]), value([4], 'int64')], [4, 5])).bytes).toBe(4 * (10 + 20) + 32);
  });
});
