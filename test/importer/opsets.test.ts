/** What operators take moved from attributes to operands between opsets: both forms give what ONNX Runtime gives. */

import { describe, expect, it } from 'vitest';
import { importNetwork } from '../../src/importer/import-network.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { runForeignHere } from '../../src/runtime/node/foreign-session.ts';
import { maxDifference } from '../../src/testing/difference.ts';
import {
  float,
  type GraphText,
  int,
  ints,
  node,
  type NodeText,
  onnxBytes,
  port,
} from '../../src/testing/onnx-bytes.ts';
import { computed } from './files.ts';

const integers = (name: string, ...values: number[]) => ({
  name,
  dataType: 7,
  dims: [BigInt(values.length)],
  int64Data: values.map(BigInt),
});
const scalar = (name: string, value: number) => ({ name, dataType: 1, dims: [], floatData: [value] });

/** [N, 3, 5, 4] through some nodes from `a` to `b`, to a mean per channel. */
function graphOf(opset: number, nodes: readonly NodeText[], constants: GraphText['initializer'] = []): GraphText {
  const mean =
    opset >= 18
      ? node('ReduceMean', ['b', 'space'], ['y'], [int('keepdims', 0)])
      : node('ReduceMean', ['b'], ['y'], [ints('axes', [2, 3]), int('keepdims', 0)]);
  return {
    input: [port('a', ['N', 3, 5, 4])],
    output: [port('y', [])],
    node: [...nodes, mean],
    initializer: [...(opset >= 18 ? [integers('space', 2, 3)] : []), ...constants],
  };
}

type Case = readonly [string, number, readonly NodeText[], GraphText['initializer']?];

const vector = (name: string, ...floatData: number[]) => ({
  name,
  dataType: 1,
  dims: [BigInt(floatData.length)],
  floatData,
});

const cases: readonly Case[] = [
  [
    'what was broadcast from an axis on, and attributes that are gone',
    6,
    [
      node('Mul', ['a', 'scale'], ['m'], [int('broadcast', 1), int('axis', 1)]),
      node('Add', ['m', 'row'], ['s'], [int('broadcast', 1)]),
      node(
        'BatchNormalization',
        ['s', 'gamma', 'scale', 'row3', 'variance'],
        ['n'],
        [int('is_test', 1), ints('consumed_inputs', [0, 0, 0, 1, 1]), float('epsilon', 1e-3)],
      ),
      node('PRelu', ['n', 'slope'], ['p']),
      node('Dropout', ['p'], ['d'], [int('is_test', 1), float('ratio', 0.5)]),
      node('Relu', ['d'], ['r'], [ints('consumed_inputs', [0])]),
      node('Sub', ['d', 'r'], ['b']),
    ],
    [
      vector('scale', 0.5, -1, 2),
      vector('row', 0.1, 0.2, -0.3, 0.4),
      vector('gamma', 1, 2, -0.5),
      vector('row3', 0.1, 0.2, -0.3),
      vector('variance', 1, 0.5, 2),
      vector('slope', 0.1, 0.2, 0.3),
    ],
  ],
  [
    'the same of opset 1, and images made larger',
    1,
    [
      node('Upsample', ['a'], ['u'], [float('height_scale', 2), float('width_scale', 3)]),
      node('Add', ['u', 'scale'], ['s'], [int('broadcast', 1), int('axis', 1), ints('consumed_inputs', [0, 0])]),
      node('Flatten', ['s'], ['f']),
      node('Gemm', ['f', 'w', 'bias'], ['g'], [int('broadcast', 1), int('transB', 1)]),
      node('Unsqueeze', ['g'], ['b'], [ints('axes', [2, 3])]),
    ],
    [
      vector('scale', 0.5, -1, 2),
      vector('bias', 0.5, -1),
      { name: 'w', dataType: 1, dims: [2n, 360n], floatData: Array.from({ length: 720 }, (_, i) => Math.sin(i) / 20) },
    ],
  ],
  [
    'Slice by attributes',
    9,
    [node('Slice', ['a'], ['b'], [ints('starts', [1]), ints('ends', [-1]), ints('axes', [2])])],
  ],
  [
    'Slice with a step',
    13,
    [node('Slice', ['a', 's', 'e', 'x', 'k'], ['b'])],
    [integers('s', 0), integers('e', 99), integers('x', 2), integers('k', 2)],
  ],
  [
    'Slice backwards',
    13,
    [node('Slice', ['a', 's', 'e', 'x', 'k'], ['b'])],
    [integers('s', -1, 3), integers('e', -99, 0), integers('x', 2, 3), integers('k', -2, -1)],
  ],
  [
    'Gather of many places',
    13,
    [node('Gather', ['a', 'places'], ['b'], [int('axis', 2)])],
    [integers('places', ...Array.from({ length: 40 }, (_, i) => ((3 * i) % 5) - (i % 2) * 5))],
  ],
  [
    'GroupNormalization by groups',
    18,
    [
      node('Concat', ['a', 'a'], ['d'], [int('axis', 1)]),
      node('GroupNormalization', ['d', 's', 't'], ['b'], [int('num_groups', 2)]),
    ],
    [
      { name: 's', dataType: 1, dims: [2n], floatData: [1.5, -0.5] },
      { name: 't', dataType: 1, dims: [2n], floatData: [0.25, 1] },
    ],
  ],
  [
    'GroupNormalization by channels',
    21,
    [node('GroupNormalization', ['a', 's', 't'], ['b'], [int('num_groups', 1)])],
    [
      { name: 's', dataType: 1, dims: [3n], floatData: [1.5, -0.5, 1] },
      { name: 't', dataType: 1, dims: [3n], floatData: [0.25, 1, 2] },
    ],
  ],
  ['Clip by attributes', 7, [node('Clip', ['a'], ['b'], [float('min', -0.5), float('max', 0.25)])]],
  ['Clip by operands', 13, [node('Clip', ['a', '', 'high'], ['b'])], [scalar('high', 0.25)]],
  ['Pad by attributes', 9, [node('Pad', ['a'], ['b'], [ints('pads', [0, 0, 1, 0, 0, 0, 0, 2])])]],
  ['Pad of some axes', 18, [node('Pad', ['a', 'pads', '', 'x'], ['b'])], [integers('pads', 1, 2), integers('x', 3)]],
  ['Split in equal parts', 18, [node('Split', ['a'], ['b', 'c'], [int('axis', 3), int('num_outputs', 2)])]],
  [
    'Squeeze and Unsqueeze by operands',
    21,
    [node('Unsqueeze', ['a', 'x'], ['u']), node('Squeeze', ['u', 'x'], ['b'])],
    [integers('x', 1)],
  ],
  [
    'Upsample',
    9,
    [node('Upsample', ['a', 'scales'], ['b'])],
    [{ name: 'scales', dataType: 1, dims: [4n], floatData: [1, 1, 2, 2] }],
  ],
  [
    'Resize, linear',
    19,
    [node('Resize', ['a', '', 'scales'], ['b'], [{ name: 'mode', type: 3, s: new TextEncoder().encode('linear') }])],
    [{ name: 'scales', dataType: 1, dims: [4n], floatData: [1, 1, 2, 1.5] }],
  ],
  [
    'ReduceMax by operands, LeakyRelu',
    20,
    [node('ReduceMax', ['a', 'x'], ['m']), node('LeakyRelu', ['m'], ['b'])],
    [integers('x', 2)],
  ],
  ['Softmax along channels', 13, [node('Softmax', ['a'], ['b'], [int('axis', 1)])]],
  ['an activation for which the newest opset has a name', 22, [node('HardSwish', ['a'], ['b'])]],
  ['Gelu, exact', 20, [node('Gelu', ['a'], ['b'])]],
  [
    'Gelu by tanh, Mish',
    20,
    [
      node('Gelu', ['a'], ['g'], [{ name: 'approximate', type: 3, s: new TextEncoder().encode('tanh') }]),
      node('Mish', ['g'], ['b']),
    ],
  ],
  [
    'a softmax behind a mask of −∞',
    13,
    [
      node('Where', ['mask', 'a', 'low'], ['w']),
      node('Softmax', ['w'], ['p'], [int('axis', 3)]),
      node('Mul', ['p', 'a'], ['b']),
    ],
    [{ name: 'mask', dataType: 9, dims: [4n], int32Data: [1, 0, 1, 1] }, scalar('low', Number.NEGATIVE_INFINITY)],
  ],
  [
    'choices by the data',
    16,
    [
      node('Less', ['a', 'edge'], ['l']),
      node('GreaterOrEqual', ['a', 'high'], ['h']),
      node('Or', ['l', 'h'], ['o']),
      node('Not', ['o'], ['n']),
      node('Sign', ['a'], ['s']),
      node('Where', ['n', 'a', 's'], ['b']),
    ],
    [scalar('edge', -0.5), scalar('high', 0.75)],
  ],
  [
    'powers that are no products',
    15,
    [
      node('Abs', ['a'], ['p']),
      node('Pow', ['p', 'half'], ['q']),
      node('Pow', ['a', 'whole'], ['r']),
      node('Pow', ['two', 'a'], ['t']),
      node('Sum', ['q', 'r', 't'], ['b']),
    ],
    [scalar('half', 1.5), { name: 'whole', dataType: 1, dims: [4n], floatData: [1, 2, 3, 4] }, scalar('two', 2)],
  ],
  [
    'casts to whole numbers and to truth values',
    13,
    [
      node('Cast', ['a'], ['i'], [int('to', 7)]),
      node('Cast', ['i'], ['f'], [int('to', 1)]),
      node('Cast', ['f'], ['c'], [int('to', 9)]),
      node('Where', ['c', 'a', 'f'], ['b']),
    ],
  ],
  [
    'a cast there and back',
    23,
    [node('Cast', ['a'], ['c'], [int('to', 11)]), node('Cast', ['c'], ['b'], [int('to', 1)])],
  ],
];

describe('rules follow the opset', () => {
  it.each(cases.map((each) => ({ each, title: `${each[0]} (opset ${each[1]})` })))('$title', async ({ each }) => {
    const [, opset, nodes, constants] = each;
    const bytes = onnxBytes(graphOf(opset, nodes, constants), {
      opsetImport: [{ domain: '', version: BigInt(opset) }],
    });
    const network = await importNetwork(runForeignHere, bytes, readOnnx(bytes), { name: 'made.onnx' });
    const { x, y, batch } = network.plan.measurement.answer;
    const { logits } = await computed(network.problem(), { mode: 'eval', batchSize: batch, x });
    // Float32 on both sides: a few roundings of numbers near 1.
    expect(maxDifference(logits as Float32Array, y)).toBeLessThan(1e-6);
  });
});
