/** @file Holds a lowering to float64 on this machine before it is trusted with a run. */

import { grad } from '../autodiff/reverse.ts';
import { add, alongChannels, axesOf, mul, reduceMean } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { elementCount, type FloatType } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import { relativeError } from '../math/relative-error.ts';
import { ops } from '../ops/index.ts';
import { Device } from './device.ts';
import { type LoweringSettings, plainLowering, type ResolvedLowering, resolveLowering } from './lowering-choice.ts';
import type { TensorData } from './tensor-data.ts';

/** Far above rounding (1e-6), far below any wrong kernel. */
const TOLERANCE = 1e-3;

export interface SelfCheck extends ResolvedLowering {
  /** Largest difference from plain ONNX in float64, relative to the largest value of its tensor. */
  readonly error: number;
  readonly passed: boolean;
}

/** A small network and all its gradients, by the lowering in float32 and by plain ONNX in float64. */
export async function checkLowering(settings: LoweringSettings): Promise<SelfCheck> {
  const { lowering, convolution } = resolveLowering(settings);
  const [tested, plain] = await Promise.all([
    outputsOf(sampleGraph('float32'), { lowering, convolution }),
    outputsOf(sampleGraph('float64'), plainLowering),
  ]);
  const errors = Object.entries(plain).map(([name, expected]) =>
    relativeError(numbers(tested[name]), numbers(expected)),
  );
  const error = Math.max(...errors);
  return { lowering, convolution, error, passed: error < TOLERANCE };
}

/**
 * Convolutions of every class that a lowering may tell apart: few channels; stride 2; 18 × 21, 9 × 10, 4 × 5, 2 × 2 and
 * 1 × 1 pixels, which are 5 × 6 to 1 × 1 tiles of Winograd's F(4,3); odd numbers of channels and images. With batch norm,
 * activations, a skip and pooling; smooth but for the pooling, whose windows have clear winners on this sample.
 */
function sampleGraph(float: FloatType): Graph {
  const g = new GraphBuilder(ops, float);
  const inputs: Value[] = [];
  const input = (name: string, ...shape: number[]): Value => {
    const value = g.input(name, shape, { kind: 'data' });
    inputs.push(value);
    return value;
  };
  const conv = (name: string, x: Value, K: number, stride = 1): Value => {
    const w = input(name, K, x.shape[1] ?? 1, 3, 3);
    return g.emit('Conv', [x, w], { strides: [stride, stride], pads: [1, 1, 1, 1] });
  };
  const pool = (x: Value): Value => g.emit('MaxPool', [x], { kernel: 2 });
  const few = conv('few', input('x', 3, 3, 18, 21), 9);
  const [gamma, beta] = [input('gamma', 17), input('beta', 17)];
  const normalised = g.emit('BatchNormalization', [conv('18 × 21', few, 17), gamma, beta], { epsilon: 1e-5 });
  const half = mul(g, pool(g.emit('Softplus', [normalised])), alongChannels(g, gamma, 4));
  const skipped = add(g, g.emit('Tanh', [conv('9 × 10', half, 17)]), half);
  const strided = conv('strided', skipped, 8, 2);
  const quarter = g.emit('Tanh', [conv('4 × 5', pool(skipped), 13)]);
  const eighth = g.emit('Tanh', [conv('2 × 2', pool(quarter), 19)]);
  const last = conv('1 × 1', pool(eighth), 11);
  const square = (value: Value): Value => reduceMean(g, mul(g, value, value), axesOf(value));
  const loss = add(g, square(strided), square(last));
  const gradients = grad(g, loss, inputs).map((gradient, i) => [`gradient of ${inputs[i]?.name}`, gradient] as const);
  return g.finish('self-check', { loss, strided, last, ...Object.fromEntries(gradients) });
}

async function outputsOf(graph: Graph, settings: LoweringSettings): Promise<Readonly<Record<string, TensorData>>> {
  const device = new Device({ ...settings, threads: 1 });
  try {
    await device.load(graph);
    return await device.run(graph.name, sampleFeeds(graph));
  } finally {
    await device.close();
  }
}

/** Numbers that float32 holds, so that both precisions compute with the same. */
function sampleFeeds({ inputs, float }: Graph): Record<string, TensorData> {
  return Object.fromEntries(
    inputs.map(({ value: { name, shape } }) => {
      const data = new Float32Array(elementCount(shape));
      createStream({ seed: 0, purpose: 'probe', layer: name }).fillUniform(data, -1, 1);
      return [name, float === 'float32' ? data : Float64Array.from(data)];
    }),
  );
}

/** Integers would need none; of a missing output there are none. */
function numbers(data: TensorData | undefined): ArrayLike<number> | undefined {
  return data instanceof Float32Array || data instanceof Float64Array ? data : undefined;
}
