/** @file The small networks on which a lowering is held to float64. */

import { grad } from '../autodiff/reverse.ts';
import { add, alongChannels, axesOf, mul, reduceMean } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { ops } from '../ops/index.ts';

/** What a sample is made of; every input is fed, and gets a gradient. */
interface Parts {
  readonly g: GraphBuilder;
  readonly input: (name: string, ...shape: number[]) => Value;
  /** 3 × 3 taps, padded by one. */
  readonly conv: (name: string, x: Value, K: number, stride?: number) => Value;
  readonly batchNorm: (name: string, x: Value) => Value;
}

export const samples: readonly ((float: FloatType) => Graph)[] = [
  (float) => sample('odd', float, oddChannels),
  (float) => sample('blocks', float, blocksOfChannels),
];

/** A graph of the results, the mean of their squares, and its gradients. */
function sample(name: string, float: FloatType, build: (parts: Parts) => Readonly<Record<string, Value>>): Graph {
  const g = new GraphBuilder(ops, float);
  const inputs: Value[] = [];
  const input: Parts['input'] = (label, ...shape) => {
    const value = g.input(label, shape, { kind: 'data' });
    inputs.push(value);
    return value;
  };
  const results = build({
    g,
    input,
    conv: (label, x, K, stride = 1) => {
      const w = input(label, K, x.shape[1] ?? 1, 3, 3);
      return g.emit('Conv', [x, w], { strides: [stride, stride], pads: [1, 1, 1, 1] });
    },
    batchNorm: (label, x) => {
      const channels = x.shape[1] ?? 1;
      const [gamma, beta] = [input(`${label}/gamma`, channels), input(`${label}/beta`, channels)];
      return g.emit('BatchNormalization', [x, gamma, beta], { epsilon: 1e-5 });
    },
  });
  const squares = Object.values(results).map((value) => reduceMean(g, mul(g, value, value), axesOf(value)));
  const loss = squares.reduce((a, b) => add(g, a, b));
  const gradients = grad(g, loss, inputs).map((gradient, i) => [`gradient of ${inputs[i]?.name}`, gradient] as const);
  return g.finish(name, { loss, ...results, ...Object.fromEntries(gradients) });
}

/**
 * Convolutions of every class that a lowering may tell apart: few channels; stride 2; 18 × 21, 9 × 10, 4 × 5, 2 × 2 and
 * 1 × 1 pixels, which are 5 × 6 to 1 × 1 tiles of Winograd's F(4,3); odd numbers of channels and images. With batch norm,
 * activations, a skip and pooling; smooth but for the pooling, whose windows have clear winners on this sample.
 */
function oddChannels({ g, input, conv, batchNorm }: Parts): Readonly<Record<string, Value>> {
  const pool = (x: Value): Value => g.emit('MaxPool', [x], { kernel: 2 });
  const few = conv('few', input('x', 3, 3, 18, 21), 9);
  const normalised = batchNorm('norm', conv('18 × 21', few, 17));
  const scale = alongChannels(g, input('scale', 17), 4);
  const half = mul(g, pool(g.emit('Softplus', [normalised])), scale);
  const skipped = add(g, g.emit('Tanh', [conv('9 × 10', half, 17)]), half);
  const strided = conv('strided', skipped, 8, 2);
  const quarter = g.emit('Tanh', [conv('4 × 5', pool(skipped), 13)]);
  const eighth = g.emit('Tanh', [conv('2 × 2', pool(quarter), 19)]);
  return { strided, last: conv('1 × 1', pool(eighth), 11) };
}

/** A residual network in whole blocks of channels, for more images than a block and not a multiple of it. */
function blocksOfChannels({ g, input, conv, batchNorm }: Parts): Readonly<Record<string, Value>> {
  const narrow = g.emit('Softplus', [batchNorm('norm', conv('narrow', input('x', 17, 3, 7, 9), 16))]);
  const wider = conv('wider', narrow, 32);
  const residual = add(g, batchNorm('residual norm', conv('residual', wider, 32)), wider);
  return { active: g.emit('Relu', [residual]), strided: conv('strided', g.emit('Tanh', [residual]), 48, 2) };
}
