/**
 * @file Agreement of norms with the ops that ONNX Runtime has of its own, training and inference: an oracle that shares no
 * code with ours. What differs from norm to norm is data.
 */

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type PhysicalAttribute, type PhysicalValue, physicalValue, type Port } from '../../src/graph/physical.ts';
import { elementCount, type FloatType, sameShape, type Shape, sizeAt } from '../../src/graph/tensor-type.ts';
import type { Norm, NormSettings } from '../../src/norms/norm.ts';
import { encodeModel } from '../../src/onnx/encode.ts';
import { maxDifference } from '../../src/testing/difference.ts';
import {
  buildLayer,
  compute,
  type Faults,
  type Feeds,
  forShapes,
  positive,
  randomImages,
  testSettings,
} from './norm-checks.ts';

/** How one ONNX op computes a norm. */
export interface NativeOp {
  readonly op: string;
  readonly modes: readonly ('train' | 'eval')[];
  /** Of the layer's values, in the op's order. */
  readonly inputs: readonly string[];
  /** The shape in which the op takes gamma and beta; [C] unless given. */
  readonly vectors?: (shape: Shape) => Shape;
  readonly attributes: (settings: NormSettings, mode: 'train' | 'eval') => Readonly<Record<string, PhysicalAttribute>>;
  /** Its outputs after y, by the state that each writes. */
  readonly states: readonly string[];
  /** Some kernels exist in float32 only: their numbers are then rounded to 6e-8, over a few hundred sums. */
  readonly float: FloatType;
}

const epsilonOf = ({ epsilon }: NormSettings): Readonly<Record<string, PhysicalAttribute>> => ({
  epsilon: { float: epsilon },
});
const batchNormalization: NativeOp = {
  op: 'BatchNormalization',
  modes: ['train', 'eval'],
  inputs: ['x', 'gamma', 'beta', 'runningMean', 'runningVariance'],
  attributes: (settings, mode) => ({
    ...epsilonOf(settings),
    // ONNX's momentum weighs the old value.
    momentum: { float: 1 - settings.momentum },
    training_mode: mode === 'train' ? 1 : 0,
  }),
  states: ['runningMean', 'runningVariance'],
  float: 'float64',
};

export const nativeOps: Readonly<Record<string, NativeOp>> = {
  batch: batchNormalization,
  'batch-composed': batchNormalization,
  'batch-one-pass': batchNormalization,
  layer: {
    op: 'LayerNormalization',
    modes: ['train', 'eval'],
    inputs: ['x', 'gamma', 'beta'],
    vectors: (shape) => shape.slice(1),
    attributes: (settings) => ({ ...epsilonOf(settings), axis: 1 }),
    states: [],
    float: 'float64',
  },
  rms: {
    // RMSNormalization came with a later opset than the one written here; this is the same under ORT's older name.
    op: 'SimplifiedLayerNormalization',
    modes: ['train', 'eval'],
    inputs: ['x', 'gamma'],
    vectors: (shape) => shape.slice(1),
    attributes: (settings) => ({ ...epsilonOf(settings), axis: 1 }),
    states: [],
    float: 'float64',
  },
  group: {
    op: 'GroupNormalization',
    modes: ['train', 'eval'],
    inputs: ['x', 'gamma', 'beta'],
    // The op computes in float32 whatever it is given.
    attributes: (settings) => ({ ...epsilonOf(settings), num_groups: settings.groups }),
    states: [],
    float: 'float32',
  },
  instance: {
    op: 'InstanceNormalization',
    modes: ['train', 'eval'],
    inputs: ['x', 'gamma', 'beta'],
    attributes: epsilonOf,
    states: [],
    float: 'float32',
  },
};

const tolerances: Readonly<Record<FloatType, number>> = { float64: 1e-12, float32: 1e-5 };

/** What differs between a norm and the op that ONNX has for it. */
export function compareWithNative(norm: Norm, native: NativeOp): Promise<Faults> {
  return forShapes(norm, async (shape) => {
    // Exact in float32, which is how ONNX stores attributes.
    const settings: NormSettings = { ...testSettings, epsilon: 2 ** -6, momentum: 0.25 };
    const faults: string[] = [];
    for (const mode of native.modes) {
      const layer = buildLayer(norm, mode, shape, settings);
      const feeds: Feeds = { ...positive(layer), x: randomImages(shape) };
      const outputs = mode === 'train' ? native.states.length + 1 : 1;
      const [y, ...states] = await runNative(native, shape, feeds, outputs, native.attributes(settings, mode));
      const ours = await compute(layer, feeds);
      const expected: Record<string, Float64Array | undefined> = {
        y,
        ...Object.fromEntries(states.map((data, i) => [`layer/${native.states[i]}`, data])),
      };
      const variance = expected['layer/runningVariance'];
      if (variance !== undefined) expected['layer/runningVariance'] = unbiased(variance, feeds, shape, settings);
      for (const [name, numbers] of Object.entries(expected)) {
        const error = maxDifference(ours[name], numbers ?? []);
        if (!(error < tolerances[native.float]))
          faults.push(`${name} in mode ${mode} differs from ${native.op} by ${error}`);
      }
    }
    return faults;
  });
}

/** ONNX's running variance takes the biased estimate. */
function unbiased(blended: Float64Array, feeds: Feeds, shape: Shape, { momentum }: NormSettings): Float64Array {
  const count = elementCount(shape) / sizeAt(shape, 1);
  return blended.map((value, c) => {
    const old = (1 - momentum) * (feeds['layer/runningVariance']?.[c] ?? Number.NaN);
    return old + ((value - old) * count) / (count - 1);
  });
}

/** The outputs of one ONNX node: the first of the shape of x, the others per channel. */
async function runNative(
  { op, inputs, vectors, float }: NativeOp,
  shape: Shape,
  feeds: Feeds,
  outputs: number,
  attrs: Readonly<Record<string, PhysicalAttribute>>,
): Promise<readonly Float64Array[]> {
  const value = (name: string, size: Shape): PhysicalValue => physicalValue(name, { dtype: float, shape: size });
  const port = (of: PhysicalValue): Port => ({ name: of.name, value: of, perm: undefined });
  const channels = [sizeAt(shape, 1)];
  const sizes = (i: number): Shape => (i === 0 ? shape : (vectors?.(shape) ?? channels));
  const given = inputs.map((name, i) => value(name, sizes(i)));
  const made = Array.from({ length: outputs }, (_, i) => value(`output${i}`, i === 0 ? shape : channels));
  const model = encodeModel({
    name: op,
    inputs: given.map(port),
    outputs: made.map(port),
    updates: [],
    initialisers: [],
    nodes: [{ domain: '', op, inputs: given, outputs: made, attrs }],
  });
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  const toFloat = float === 'float32' ? Float32Array : Float64Array;
  const tensors = given.map(({ name, shape: size }, i) => {
    const data = feeds[i === 0 ? 'x' : `layer/${name}`] ?? new Float64Array();
    const whole = sameShape(size, shape) || sameShape(size, channels) ? data : repeated(data, size);
    return [name, new Tensor(float, toFloat.from(whole) as Float32Array, [...size])] as const;
  });
  const results = await session.run(Object.fromEntries(tensors));
  await session.release();
  return made.map(({ name }) => Float64Array.from(results[name]?.data as Float64Array));
}

/** One number per channel, repeated over its pixels. */
function repeated(data: Float64Array, [, ...pixels]: Shape): Float64Array {
  return Float64Array.from(
    { length: data.length * elementCount(pixels) },
    (_, i) => data[Math.floor(i / elementCount(pixels))] ?? 0,
  );
}
