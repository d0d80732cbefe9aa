import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Shape } from '../graph/tensor-type.ts';
import { ops } from './index.ts';

const g = new GraphBuilder(ops);
const image = [3, 5, 7, 4];
const plain = { strides: [1, 1], pads: [1, 1, 1, 1] } as const;
type Each<S extends readonly Shape[]> = { readonly [I in keyof S]: Value };
let count = 0;
const x = (shape: Shape, dtype?: 'int32' | 'bool'): Value => g.input(`x${count++}`, shape, { kind: 'data' }, dtype);
const vectors = <const S extends readonly Shape[]>(...shapes: S): Each<S> => shapes.map((shape) => x(shape)) as Each<S>;

const refusals: readonly (readonly [string, () => unknown, string])[] = [
  ['a sum of 3 and 5', () => g.emit('Add', vectors([3], [5])), 'Shapes must broadcast, got [3] and [5]'],
  ['a root of integers', () => g.emit('Sqrt', [x([3], 'int32')]), 'must be float32 or float64, got int32[3]'],
  ['a product of matrices of integers', () => g.emit('MatMul', [x([3, 3], 'int32'), x([3, 3], 'int32')]), 'float'],
  ['a product of vectors', () => g.emit('MatMul', vectors([3], [3])), 'Matrices must chain, got [3] times [3]'],
  ['a product of batches', () => g.emit('MatMul', vectors([2, 3, 5], [3, 5, 2])), 'Matrices must chain'],
  ['a shape of other size', () => g.emit('Reshape', [x([3, 5])], { shape: [3, 4] }), 'Element counts must agree'],
  ['a shape with −1', () => g.emit('Reshape', [x([3, 5])], { shape: [-3, -5] }), 'Sizes must be positive integers'],
  ['a permutation of two axes of three', () => g.emit('Transpose', [x([3, 5, 2])], { perm: [1, 0] }), 'each axis'],
  ['a permutation with an axis twice', () => g.emit('Transpose', [x([3, 5])], { perm: [1, 1] }), 'each axis'],
  ['an expansion that shrinks', () => g.emit('Expand', [x([3, 5])], { shape: [5] }), 'without growing it'],
  ['an expansion to −2', () => g.emit('Expand', [x([1])], { shape: [-2] }), 'Sizes must be positive integers'],
  ['nothing put together', () => g.emit('Concat', [], { axis: 0 }), 'Expected 1 input or more, got none'],
  [
    'matrices of 3 and 4 columns, one below the other',
    () => g.emit('Concat', vectors([2, 3], [2, 4]), { axis: 0 }),
    'Sizes must be equal along all axes but 0, got float32[2,3] and float32[2,4]',
  ],
  ['a matrix after a vector', () => g.emit('Concat', vectors([2], [2, 4]), { axis: 0 }), 'Sizes must be equal'],
  ['a slice past the end', () => g.emit('Slice', [x([3])], { axis: 0, start: 1, end: 4 }), 'must lie in 0 … 3'],
  ['an empty slice', () => g.emit('Slice', [x([3])], { axis: 0, start: 1, end: 1 }), 'hold something, got 1 … 1'],
  ['a sum over axis 2 of a matrix', () => g.emit('ReduceSum', [x([3, 5])], { axes: [2], keepdims: true }), 'Axes must'],
  ['a maximum along axis 2', () => g.emit('ArgMax', [x([3, 5])], { axis: 2 }), 'Axes must lie in [-2, 1], got 2'],
  ['a softmax along axis 2', () => g.emit('LogSoftmax', [x([3, 5])], { axis: 2 }), 'Axes must lie in [-2, 1], got 2'],
  [
    'classes that are floats',
    () => g.emit('OneHot', [x([3])], { depth: 5, to: 'float32' }),
    'Classes must be int32 [N]',
  ],
  [
    'no classes',
    () => g.emit('OneHot', [x([3], 'int32')], { depth: 0, to: 'float32' }),
    'Sizes must be positive integers, got [0]',
  ],
  [
    'a histogram with a limit per row',
    () => g.emit('Histogram', vectors([3, 2], [3]), { bins: 5 }),
    'one number, got [3]',
  ],
  ['a histogram without bins', () => g.emit('Histogram', vectors([3], []), { bins: 0 }), '1 bin or more, got bins = 0'],
  ['a comparison of two types', () => g.emit('Equal', [x([3]), x([3], 'int32')]), 'Element types must be equal'],
  ['a kernel of other channels', () => g.emit('Conv', vectors(image, [2, 4, 3, 3]), plain), 'the same channels'],
  ['a convolution of a matrix', () => g.emit('Conv', vectors([3, 5], [2, 5, 3, 3]), plain), 'Conv takes images'],
  ['a kernel larger than the image', () => g.emit('Conv', vectors(image, [2, 5, 9, 7]), plain), 'must fit the padded'],
  [
    'a stride of zero',
    () => g.emit('Conv', vectors(image, [2, 5, 3, 3]), { ...plain, strides: [0, 1] }),
    'Strides must be at least 1',
  ],
  [
    'groups that do not divide the channels',
    () => g.emit('Conv', vectors(image, [4, 2, 3, 3]), { ...plain, group: 2 }),
    'Groups must divide the channels in and out, got group = 2 for 5 in and 4 out',
  ],
  [
    'groups that do not divide the results',
    () => g.emit('ConvInputGrad', vectors([3, 7, 7, 4], [7, 1, 3, 3]), { ...plain, group: 5, image: [7, 4] }),
    'Groups must divide the channels in and out, got group = 5 for 5 in and 7 out',
  ],
  [
    'weights of all channels for groups',
    () => g.emit('Conv', vectors(image, [5, 5, 3, 3]), { ...plain, group: 5 }),
    'as many channels as a group of the images, got 5 for 5 in 5 groups',
  ],
  [
    'taps in one place',
    () => g.emit('Conv', vectors(image, [2, 5, 3, 3]), { ...plain, dilations: [1, 0] }),
    'Dilations must be at least 1, got [1,0]',
  ],
  [
    'taps further apart than the image',
    () => g.emit('Conv', vectors(image, [2, 5, 3, 3]), { ...plain, dilations: [1, 3] }),
    'A 3×3 window dilated by 1×3 must fit the padded image, got 7×4 with pads [1,1,1,1]',
  ],
  [
    'a gradient that no convolution of this image has',
    () => g.emit('ConvInputGrad', vectors([3, 2, 7, 5], [2, 5, 3, 3]), { ...plain, image: [7, 4] }),
    'The gradient must be [3,2,7,4]',
  ],
  [
    'a gradient of another batch',
    () => g.emit('ConvWeightGrad', vectors(image, [2, 2, 7, 4]), { ...plain, kernel: [3, 3] }),
    'The gradient must be [3,2,7,4]',
  ],
  [
    'a window that lies in the padding',
    () => g.emit('MaxPool', [x(image)], { kernel: [2, 3], strides: [1, 1], pads: [2, 1, 0, 1] }),
    'Every window must have a pixel of the image, got 2×3 on 7 pixels along axis 2 with pads [2,1,0,1]',
  ],
  [
    'a window whose places lie around the image',
    () =>
      g.emit('MaxPool', [x([3, 5, 7, 1])], { kernel: [1, 2], strides: [1, 1], pads: [0, 1, 0, 1], dilations: [1, 2] }),
    'Every window must have a pixel of the image',
  ],
  [
    'windows apart with more padding than places',
    () => g.emit('MaxPool', [x(image)], { kernel: [2, 1], strides: [1, 1], pads: [2, 0, 0, 0], dilations: [3, 1] }),
    'Windows must have more places than there is padding',
  ],
  [
    'a window wider than the padded image',
    () => g.emit('MaxPool', [x(image)], { kernel: [1, 6], strides: [1, 1], pads: [0, 0, 0, 1] }),
    'got 1×6 on 4 pixels along axis 3',
  ],
  [
    'windows that stand still',
    () => g.emit('MaxPool', [x(image)], { kernel: [2, 2], strides: [1, 0], pads: [0, 0, 0, 0] }),
    'Windows, strides and dilations must be at least 1',
  ],
  [
    'a negative pad',
    () => g.emit('MaxPool', [x(image)], { kernel: [2, 2], strides: [1, 1], pads: [0, -1, 0, 0] }),
    'Pads must be at least 0',
  ],
  ['a window larger than the image', () => g.emit('MaxPool', [x(image)], { kernel: 5 }), 'The window must fit'],
  [
    'a pooled gradient of image size',
    () => g.emit('MaxPoolGrad', vectors(image, image), { kernel: 2 }),
    'pooled shape',
  ],
  [
    'a selection of pooled size',
    () => g.emit('MaxPoolSelect', vectors(image, [3, 5, 3, 2]), { kernel: 2 }),
    'one shape',
  ],
  ['a mask that would broadcast', () => g.emit('ReluGrad', vectors([3, 5], [5])), 'one shape, got [3,5] and [5]'],
  [
    'a gamma of the batch size',
    () => g.emit('BatchNormalization', vectors(image, [3], [5]), { epsilon: 0 }),
    'gamma must be float32[5], got float32[3]',
  ],
  [
    'normalising a vector',
    () => g.emit('BatchNormalization', vectors([3], [3], [3]), { epsilon: 0 }),
    'takes [N,C,…], got [3]',
  ],
  [
    'a gradient that would broadcast',
    () => g.emit('BatchNormalizationGrad', vectors(image, [5], [5], [5], [1, 5, 1, 1]), { epsilon: 0 }),
    'The gradient must be float32[3,5,7,4] like the result, got float32[1,5,1,1]',
  ],
];

describe('shape rules', () => {
  it.each(refusals)('refuse %s', (_, build, message) => {
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(message);
  });
});
