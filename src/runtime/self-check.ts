/** @file Holds a lowering against plain ONNX on this machine before it is trusted with a run. */

import { grad } from '../autodiff/reverse.ts';
import { alongChannels, axesOf, dot, mul, reduceMean } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';
import { elementCount, type Shape } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import { ops } from '../ops/index.ts';
import { Device } from './device.ts';
import type { LoweringName } from './lowering-choice.ts';
import type { TensorData } from './tensor-data.ts';

/** Far above rounding (1e-6), far below any wrong kernel. */
const TOLERANCE = 1e-3;

const shapes = {
  x: [3, 17, 7, 9],
  wide: [19, 17, 3, 3],
  strided: [6, 19, 3, 3],
  gamma: [19],
  beta: [19],
} as const satisfies Record<string, Shape>;

export interface SelfCheck {
  readonly lowering: LoweringName;
  /** Largest difference from plain ONNX, relative to the largest value of its tensor. */
  readonly error: number;
  readonly passed: boolean;
}

/**
 * Convolutions of both strides, batch norm, activation, pooling, and all their gradients, on small odd sizes, by the
 * lowering and by plain ONNX.
 */
export async function checkLowering(lowering: LoweringName): Promise<SelfCheck> {
  const graph = sampleGraph();
  const [tested, plain] = await Promise.all([outputsOf(graph, lowering), outputsOf(graph, 'reference')]);
  const errors = Object.entries(plain).map(([name, expected]) => relativeError(tested[name], expected));
  const error = Math.max(...errors.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value)));
  return { lowering, error, passed: error < TOLERANCE };
}

/** Smooth but for the pooling, whose windows have clear winners on this sample. */
function sampleGraph(): Graph {
  const g = new GraphBuilder(ops);
  const inputs = Object.entries(shapes).map(([name, shape]) => g.input(name, shape, { kind: 'data' }));
  const [x, wide, strided, gamma, beta] = inputs;
  if (!x || !wide || !strided || !gamma || !beta) throw new RangeError('The sample must have five inputs');
  const first = g.emit('Conv', [x, wide], { strides: [1, 1], pads: [1, 1, 1, 1] });
  const normalised = g.emit('BatchNormalization', [first, gamma, beta], { epsilon: 1e-5 });
  const active = g.emit('Softplus', [normalised]);
  const scaled = mul(g, g.emit('MaxPool', [active], { kernel: 2 }), alongChannels(g, gamma, 4));
  const second = g.emit('Conv', [scaled, strided], { strides: [2, 2], pads: [1, 1, 1, 1] });
  const loss = reduceMean(g, mul(g, second, second), axesOf(second));
  const gradients = grad(g, loss, inputs);
  const outputs = gradients.map((gradient, i) => [`gradient${i}`, gradient] as const);
  return g.finish('self-check', { loss, second, norm: dot(g, second, second), ...Object.fromEntries(outputs) });
}

async function outputsOf(graph: Graph, lowering: LoweringName): Promise<Readonly<Record<string, TensorData>>> {
  const device = new Device({ lowering, threads: 1 });
  try {
    await device.load(graph);
    return await device.run(graph.name, sampleFeeds());
  } finally {
    await device.close();
  }
}

function sampleFeeds(): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(shapes).map(([layer, shape]) => {
      const data = new Float32Array(elementCount(shape));
      createStream({ seed: 0, purpose: 'probe', layer }).fillUniform(data, -1, 1);
      return [layer, data];
    }),
  );
}

function relativeError(actual: TensorData | undefined, expected: TensorData): number {
  let [error, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error = Math.max(error, Math.abs(Number(actual?.[i]) - Number(expected[i])));
    scale = Math.max(scale, Math.abs(Number(expected[i])));
  }
  return error / scale;
}
