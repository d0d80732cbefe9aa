/**
 * @file Sample uses of every op, on odd, unequal shapes. The type demands at least one per op, so that a new op cannot
 * go untested. Values keep clear of kinks (ties, zeros) as the gradient check asks.
 */

import type { OpAttributes, OpName } from '../../src/graph/op-attributes.ts';
import type { Shape } from '../../src/graph/tensor-type.ts';
import { randomArray } from '../../src/testing/gradcheck.ts';

export interface OpSample<Attributes> {
  readonly label: string;
  readonly attrs: Attributes;
  readonly inputs: readonly { readonly shape: Shape; readonly data: Float64Array | Int32Array }[];
}

type Input = OpSample<unknown>['inputs'][number];
/** At least one. */
type Some<Attributes> = readonly [OpSample<Attributes>, ...OpSample<Attributes>[]];
type Samples = { readonly [K in OpName]: Some<OpAttributes[K]> };

/** A list that is known to have a first element. */
function some<T>([first, ...rest]: readonly T[]): readonly [T, ...T[]] {
  if (first === undefined) throw new RangeError('At least one sample is needed');
  return [first, ...rest];
}

const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Numbers in [low, high). */
const uniform = (name: string, shape: Shape, low = -1, high = 1): Input => ({
  shape,
  data: randomArray(size(shape), name, low, high),
});

/** Distinct numbers at least 0.01 apart from each other and from zero, in random order. */
function distinct(name: string, shape: Shape): Input {
  const count = size(shape);
  const order = [...randomArray(count, name)].map((key, i) => [key, i] as const).sort((a, b) => a[0] - b[0]);
  return { shape, data: Float64Array.from(order, ([, i]) => 0.02 * (i - count / 2) + 0.013) };
}

const none = {};
const pair = (x: Shape, y: Shape, low = -1): readonly Input[] => [uniform('x', x), uniform('y', y, low, 2)];
const binary = (low = -1): Some<OpAttributes['Add']> => [
  { label: 'one shape', attrs: none, inputs: pair([3, 5], [3, 5], low) },
  { label: 'broadcast channels', attrs: none, inputs: pair([3, 5, 4, 2], [1, 5, 1, 1], low) },
  { label: 'lower rank and scalar', attrs: none, inputs: pair([2, 3, 4], [4], low) },
  { label: 'both sides grow', attrs: none, inputs: pair([3, 1, 2], [5, 1], low) },
];
const unary = (low = -1): Some<OpAttributes['Exp']> => [
  { label: '3-D', attrs: none, inputs: [uniform('x', [3, 5, 2], low, 2)] },
];

const conv3 = { strides: [1, 1], pads: [1, 1, 1, 1] } as const;
/** A convolution with its result's size; C channels in G groups. */
interface ConvCase extends Readonly<Record<'N' | 'C' | 'H' | 'W' | 'K' | 'R' | 'S' | 'P' | 'Q', number>> {
  readonly label: string;
  readonly G?: number;
  readonly a: OpAttributes['Conv'];
}
const convCases: readonly ConvCase[] = [
  { label: '3×3, pad 1', N: 3, C: 2, H: 5, W: 4, K: 3, R: 3, S: 3, P: 5, Q: 4, a: conv3 },
  {
    label: '3×3, stride 2, odd image',
    N: 2,
    C: 3,
    H: 7,
    W: 5,
    K: 2,
    R: 3,
    S: 3,
    P: 4,
    Q: 3,
    a: { strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  {
    label: '3×3, stride 2, even image',
    N: 1,
    C: 2,
    H: 6,
    W: 4,
    K: 3,
    R: 3,
    S: 3,
    P: 3,
    Q: 2,
    a: { strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  {
    label: '1×1, stride 2',
    N: 3,
    C: 2,
    H: 5,
    W: 4,
    K: 3,
    R: 1,
    S: 1,
    P: 3,
    Q: 2,
    a: { strides: [2, 2], pads: [0, 0, 0, 0] },
  },
  {
    label: '2×3, uneven pads and strides',
    N: 2,
    C: 1,
    H: 5,
    W: 6,
    K: 2,
    R: 2,
    S: 3,
    P: 5,
    Q: 3,
    a: { strides: [1, 2], pads: [1, 0, 0, 2] },
  },
  { label: '3×3 on one pixel', N: 2, C: 3, H: 1, W: 1, K: 2, R: 3, S: 3, P: 1, Q: 1, a: conv3 },
  {
    label: '1×5 along a row, uneven stride and pads',
    N: 1,
    C: 3,
    H: 1,
    W: 9,
    K: 2,
    R: 1,
    S: 5,
    P: 1,
    Q: 4,
    a: { strides: [1, 2], pads: [0, 2, 0, 1] },
  },
  {
    label: '3×2 in 3 groups, uneven pads and strides',
    N: 1,
    C: 6,
    H: 5,
    W: 4,
    K: 6,
    R: 3,
    S: 2,
    P: 4,
    Q: 3,
    G: 3,
    a: { strides: [1, 2], pads: [1, 0, 0, 2], group: 3 },
  },
  {
    label: 'depthwise 3×3, uneven strides',
    N: 1,
    C: 3,
    H: 4,
    W: 5,
    K: 3,
    R: 3,
    S: 3,
    P: 2,
    Q: 5,
    G: 3,
    a: { strides: [2, 1], pads: [1, 1, 1, 1], group: 3 },
  },
  {
    label: 'depthwise 2×2 with two results per channel, dilated',
    N: 1,
    C: 3,
    H: 5,
    W: 4,
    K: 6,
    R: 2,
    S: 2,
    P: 4,
    Q: 4,
    G: 3,
    a: { strides: [1, 1], pads: [1, 2, 0, 1], dilations: [2, 3], group: 3 },
  },
  {
    label: '3×2, dilated, uneven strides and pads',
    N: 1,
    C: 2,
    H: 7,
    W: 8,
    K: 3,
    R: 3,
    S: 2,
    P: 3,
    Q: 6,
    a: { strides: [2, 1], pads: [0, 1, 2, 0], dilations: [2, 3] },
  },
];

const convSamples: Some<OpAttributes['Conv']> = some(
  convCases.map(({ label, N, C, H, W, K, R, S, G = 1, a }) => ({
    label,
    attrs: a,
    inputs: [uniform('x', [N, C, H, W]), uniform('w', [K, C / G, R, S])],
  })),
);

const inputGradSamples: Some<OpAttributes['ConvInputGrad']> = some(
  convCases.map(({ label, N, C, H, W, K, R, S, P, Q, G = 1, a }) => ({
    label,
    attrs: { ...a, image: [H, W] as const },
    inputs: [uniform('g', [N, K, P, Q]), uniform('w', [K, C / G, R, S])],
  })),
);

const weightGradSamples: Some<OpAttributes['ConvWeightGrad']> = some(
  convCases.map(({ label, N, C, H, W, K, R, S, P, Q, a }) => ({
    label,
    attrs: { ...a, kernel: [R, S] as const },
    inputs: [uniform('x', [N, C, H, W]), uniform('g', [N, K, P, Q])],
  })),
);

/** Windows of each kind, on images [2, 3, 7, 5], with the rows and columns of results. */
const poolCases: readonly { readonly label: string; readonly a: OpAttributes['MaxPool']; readonly PQ: Shape }[] = [
  { label: '2×2 with a remainder', a: { kernel: 2 }, PQ: [3, 2] },
  { label: '3×3 with a remainder', a: { kernel: 3 }, PQ: [2, 1] },
  {
    label: '3×2, overlapping, uneven strides and pads',
    a: { kernel: [3, 2], strides: [2, 1], pads: [1, 1, 2, 0] },
    PQ: [4, 5],
  },
  {
    label: '2×2 places apart, overlapping',
    a: { kernel: [2, 2], strides: [1, 1], pads: [1, 0, 0, 1], dilations: [2, 3] },
    PQ: [6, 3],
  },
];
const poolGrad = (second: (name: string, PQ: Shape) => Input): Some<OpAttributes['MaxPoolGrad']> =>
  some(
    poolCases.map(({ label, a, PQ }) => ({
      label,
      attrs: a,
      inputs: [distinct('x', [2, 3, 7, 5]), second('v', PQ)],
    })),
  );

export const opSamples: Samples = {
  Add: binary(),
  Sub: binary(),
  Mul: binary(),
  Div: binary(0.5),
  Neg: unary(),
  Abs: [{ label: 'both signs', attrs: none, inputs: [distinct('x', [3, 5, 4])] }],
  StopGradient: unary(),
  Clip: [{ label: 'both limits', attrs: { min: -0.2, max: 0.3 }, inputs: [distinct('x', [3, 5, 4])] }],
  Sqrt: unary(0.5),
  Exp: unary(),
  Log: unary(0.5),
  Tanh: unary(),
  Erf: [{ label: 'from one flat end to the other', attrs: none, inputs: [uniform('x', [3, 5, 7], -3, 3)] }],
  Sigmoid: unary(),
  Softplus: unary(),
  Relu: [{ label: 'both signs', attrs: none, inputs: [distinct('x', [3, 5, 4])] }],
  ReluGrad: [{ label: 'both signs', attrs: none, inputs: [uniform('g', [3, 5, 4]), distinct('y', [3, 5, 4])] }],
  Equal: [{ label: 'floats', attrs: none, inputs: [uniform('x', [3, 5]), uniform('x', [3, 5])] }],
  Cast: [{ label: 'to float64', attrs: { to: 'float64' }, inputs: [uniform('x', [3, 5])] }],
  OneHot: [
    {
      label: 'five classes',
      attrs: { depth: 5, to: 'float64' },
      inputs: [{ shape: [3], data: Int32Array.of(4, 0, 2) }],
    },
  ],
  Histogram: [
    {
      label: 'both signs and beyond the limit',
      attrs: { bins: 7 },
      inputs: [distinct('x', [3, 5, 4]), { shape: [], data: Float64Array.of(0.4) }],
    },
  ],
  ArgMax: [{ label: 'last axis', attrs: { axis: 1 }, inputs: [distinct('x', [3, 5])] }],
  Reshape: [{ label: 'to 3-D', attrs: { shape: [5, 2, 3] }, inputs: [uniform('x', [3, 10])] }],
  Transpose: [{ label: '4-D', attrs: { perm: [2, 0, 3, 1] }, inputs: [uniform('x', [3, 5, 4, 2])] }],
  Expand: [
    { label: 'inner axis', attrs: { shape: [3, 5, 2] }, inputs: [uniform('x', [3, 1, 2])] },
    { label: 'new axes', attrs: { shape: [4, 3] }, inputs: [uniform('x', [3])] },
  ],
  Concat: [
    {
      label: 'three along the middle axis',
      attrs: { axis: -2 },
      inputs: [uniform('x', [3, 5, 2]), uniform('y', [3, 1, 2]), uniform('z', [3, 4, 2])],
    },
    { label: 'vectors', attrs: { axis: 0 }, inputs: [uniform('x', [3]), uniform('y', [5])] },
  ],
  Slice: [
    { label: 'the middle of an axis', attrs: { axis: 1, start: 1, end: 4 }, inputs: [uniform('x', [3, 5, 2])] },
    { label: 'the beginning', attrs: { axis: -1, start: 0, end: 3 }, inputs: [uniform('x', [2, 4])] },
  ],
  ReduceSum: [
    { label: 'two axes kept', attrs: { axes: [0, 2], keepdims: true }, inputs: [uniform('x', [3, 5, 4])] },
    { label: 'to a scalar', attrs: { axes: [0, 1], keepdims: false }, inputs: [uniform('x', [3, 5])] },
  ],
  ReduceMean: [
    { label: 'channels left', attrs: { axes: [0, -1, 2], keepdims: false }, inputs: [uniform('x', [3, 5, 4, 2])] },
  ],
  ReduceMax: [
    { label: 'outer and inner', attrs: { axes: [0, 2], keepdims: true }, inputs: [distinct('x', [3, 5, 4])] },
    { label: 'one axis dropped', attrs: { axes: [1], keepdims: false }, inputs: [distinct('x', [4, 3, 2])] },
  ],
  MatMul: [
    { label: '2-D', attrs: none, inputs: [uniform('x', [3, 5]), uniform('y', [5, 4])] },
    { label: 'batched', attrs: none, inputs: [uniform('x', [2, 3, 5]), uniform('y', [2, 5, 4])] },
  ],
  LogSoftmax: [{ label: 'last axis', attrs: { axis: 1 }, inputs: [uniform('x', [3, 5], -3, 3)] }],
  Conv: convSamples,
  ConvInputGrad: inputGradSamples,
  ConvWeightGrad: weightGradSamples,
  MaxPool: some(poolCases.map(({ label, a }) => ({ label, attrs: a, inputs: [distinct('x', [2, 3, 7, 5])] }))),
  MaxPoolGrad: poolGrad((name, PQ) => uniform(name, [2, 3, ...PQ])),
  MaxPoolSelect: poolGrad((name) => uniform(name, [2, 3, 7, 5])),
  BatchNormalization: [
    {
      label: 'per channel',
      attrs: { epsilon: 1e-3 },
      inputs: [uniform('x', [3, 2, 4, 3]), uniform('gamma', [2]), uniform('beta', [2])],
    },
    {
      label: 'per feature',
      attrs: { epsilon: 0.1 },
      inputs: [uniform('x', [7, 3]), uniform('gamma', [3]), uniform('beta', [3])],
    },
  ],
  BatchNormalizationGrad: [
    {
      label: 'five independent inputs',
      attrs: { epsilon: 1e-2 },
      inputs: [
        uniform('x', [3, 2, 4, 3]),
        uniform('gamma', [2]),
        uniform('mean', [2]),
        uniform('variance', [2], 0.5, 2),
        uniform('g', [3, 2, 4, 3]),
      ],
    },
  ],
};
