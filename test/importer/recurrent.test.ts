/** RNN, LSTM and GRU written out: what ONNX Runtime's own give, and gradients of central differences. */

import { describe, expect, it } from 'vitest';
import { maxDifference } from '../../src/testing/difference.ts';
import {
  floats,
  type GraphText,
  int,
  longs,
  node,
  type NodeText,
  onnxBytes,
  port,
  type TensorText,
  wave,
} from '../../src/testing/onnx-bytes.ts';
import { computed, importedBytes } from './files.ts';
import { slopes } from './slopes.ts';

/** Sequences of 3 steps of 5 numbers; 4 hidden units. */
const [STEPS, INPUTS, HIDDEN] = [3, 5, 4] as const;

/** No kinks, and slopes of 1e-3: rounding of 1e-12, truncation of 1e-8 times a third derivative of at most 1e-3. */
const SMOOTH_STEP = 1e-4;

const numbers = (name: string, shape: readonly number[], phase: number): TensorText => wave(name, shape, phase, 0.6);
const text = (name: string, s: string) => ({ name, type: 3 as const, s: new TextEncoder().encode(s) });
const texts = (name: string, ...values: string[]) => ({
  name,
  type: 8 as const,
  strings: values.map((s) => new TextEncoder().encode(s)),
});
const reals = (name: string, ...floats: number[]) => ({ name, type: 6 as const, floats });

interface Layer {
  readonly op: 'RNN' | 'LSTM' | 'GRU';
  readonly attributes?: NonNullable<NodeText['attribute']>;
  readonly directions?: 1 | 2;
  readonly inputs?: readonly string[];
  readonly constants?: readonly TensorText[];
  readonly nodes?: readonly NodeText[];
}

const gatesOf = { RNN: 1, GRU: 3, LSTM: 4 } as const;

/** [N, steps, inputs] through one layer, to what it leaves at the last step and at each. */
function graphOf({ op, attributes = [], directions = 1, inputs = [], constants = [], nodes = [] }: Layer): GraphText {
  const gates = gatesOf[op];
  const outputs = op === 'LSTM' ? ['all', 'last', 'cells'] : ['all', 'last'];
  return {
    input: [port('x', ['N', STEPS, INPUTS])],
    output: [port('y', [])],
    node: [
      node('Transpose', ['x'], ['t'], [{ name: 'perm', type: 7, ints: [1n, 0n, 2n] }]),
      ...nodes,
      node(op, ['t', 'W', 'R', ...inputs], outputs, [int('hidden_size', HIDDEN), ...attributes], 'layer'),
      // [steps, directions, N, hidden] and [directions, N, hidden]: means over steps and directions, side by side.
      node('ReduceMean', ['all'], ['m'], [{ name: 'axes', type: 7, ints: [0n, 1n] }, int('keepdims', 0)]),
      ...outputs
        .slice(1)
        .map((name) =>
          node('ReduceMean', [name], [`${name}-m`], [{ name: 'axes', type: 7, ints: [0n] }, int('keepdims', 0)]),
        ),
      node('Concat', ['m', ...outputs.slice(1).map((name) => `${name}-m`)], ['y'], [int('axis', 1)]),
    ],
    initializer: [
      numbers('W', [directions, gates * HIDDEN, INPUTS], 0),
      numbers('R', [directions, gates * HIDDEN, HIDDEN], 1),
      ...constants,
    ],
  };
}

const bias = (op: Layer['op'], directions = 1) => numbers('B', [directions, 2 * gatesOf[op] * HIDDEN], 2);

const layers: Readonly<Record<string, Layer>> = {
  'LSTM, bidirectional, with biases and peepholes': {
    op: 'LSTM',
    directions: 2,
    attributes: [text('direction', 'bidirectional')],
    inputs: ['B', '', '', '', 'P'],
    constants: [bias('LSTM', 2), numbers('P', [2, 3 * HIDDEN], 3)],
  },
  'LSTM, with states made for the batch, as PyTorch exports them': {
    op: 'LSTM',
    inputs: ['B', '', 'h0', 'c0'],
    nodes: [
      node('Shape', ['t'], ['s']),
      node('Gather', ['s', 'one'], ['n'], [int('axis', 0)]),
      node('Concat', ['one', 'n', 'units'], ['hs'], [int('axis', 0)]),
      node('ConstantOfShape', ['hs'], ['c0']),
      node('Expand', ['start', 'hs'], ['h0']),
    ],
    constants: [bias('LSTM'), longs('one', [1]), longs('units', [HIDDEN]), numbers('start', [1, 1, HIDDEN], 4)],
  },
  'GRU, reversed': {
    op: 'GRU',
    attributes: [text('direction', 'reverse')],
    // A state of zeros for the batch of 1 that it was exported with.
    inputs: ['B', '', 'h0'],
    constants: [bias('GRU'), floats('h0', [1, 1, HIDDEN], [0, 0, 0, 0])],
  },
  'GRU, reset last, bidirectional': {
    op: 'GRU',
    directions: 2,
    attributes: [text('direction', 'bidirectional'), int('linear_before_reset', 1)],
    inputs: ['B'],
    constants: [bias('GRU', 2)],
  },
  'GRU, hard sigmoids, as Keras had them, and neither bias nor state': {
    op: 'GRU',
    attributes: [
      texts('activations', 'HardSigmoid', 'Softplus'),
      reals('activation_alpha', 0.3),
      reals('activation_beta', 0.4),
    ],
  },
  'RNN, bidirectional, of two activations, with lengths': {
    op: 'RNN',
    directions: 2,
    attributes: [text('direction', 'bidirectional'), texts('activations', 'Tanh', 'Sigmoid')],
    inputs: ['B', 'lengths'],
    nodes: [
      node('Shape', ['t'], ['s']),
      node('Gather', ['s', 'one'], ['n'], [int('axis', 0)]),
      node('Expand', ['steps', 'n'], ['lengths']),
    ],
    constants: [bias('RNN', 2), longs('one', [1]), { name: 'steps', dims: [1n], dataType: 6, int32Data: [STEPS] }],
  },
};

const imported = (layer: Layer) => importedBytes(onnxBytes(graphOf(layer)), 'made.onnx');

describe.each(Object.entries(layers))('%s', (_, layer) => {
  it('answers and learns as it should', async () => {
    const network = await imported(layer);
    const { x, y, batch } = network.plan.measurement.answer;
    const { logits } = await computed(network.problem(), { mode: 'eval', batchSize: batch, x, lowering: 'portable' });
    // Float32 on both sides, three steps deep; ONNX Runtime approximates tanh and sigmoid to some 1e-7.
    expect(maxDifference(logits as Float32Array, y)).toBeLessThan(2e-6);
    const { analytic, numeric, shares } = await slopes(network, SMOOTH_STEP);
    expect(Math.abs(numeric - analytic)).toBeLessThan(1e-7 * Math.abs(analytic));
    const roles = ['weight', 'recurrence', ...(layer.constants === undefined ? [] : ['bias'])];
    for (const role of roles) expect(Math.abs(shares.get(`layer/${role}`) ?? 0), role).toBeGreaterThan(0);
  });
});

const PARTIAL: Layer = {
  op: 'GRU',
  inputs: ['', 'lengths'],
  nodes: layers['RNN, bidirectional, of two activations, with lengths']?.nodes ?? [],
  constants: [longs('one', [1]), { name: 'steps', dims: [1n], dataType: 6, int32Data: [STEPS - 1] }],
};

it.each([
  ['sequences that end early', PARTIAL],
  ['clipping', { op: 'GRU', attributes: [{ name: 'clip', type: 1, f: 3 }] } satisfies Layer],
])('refuses %s, and says what to do', async (_, layer) => {
  const network = await imported(layer);
  expect(() => network.problem()).toThrow(/export it without/);
});
